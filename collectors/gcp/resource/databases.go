package resource

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// databaseKinds are databases, caches and files.
func databaseKinds() []Kind {
	return []Kind{
		{Type: "sqladmin.googleapis.com/Instance", Describe: describeSQL},
		{Type: "sqladmin.googleapis.com/Database", Describe: partOfHolder},
		{Type: "sqladmin.googleapis.com/BackupRun", Created: "enqueuedTime", Describe: madeByHolder},
		{Type: "spanner.googleapis.com/Instance", Last: []string{"config"}, Describe: describeSpanner},
		{Type: "spanner.googleapis.com/Database", Describe: partOfHolder},
		{Type: "bigtableadmin.googleapis.com/Cluster", Last: []string{"location"}, Describe: madeByHolder},
		{Type: "bigtableadmin.googleapis.com/Table", Describe: partOfHolder},
		{Type: "redis.googleapis.com/Instance", Describe: describeRedis},
		{Type: "redis.googleapis.com/Cluster", Describe: describeRedisCluster},
		{Type: "memcache.googleapis.com/Instance", Describe: describeMemcache},
		{Type: "alloydb.googleapis.com/Instance", Describe: describeAlloyDB},
		{Type: "firestore.googleapis.com/Database", Gone: func(d Doc) bool { return d.Text("deleteTime") != "" }, Describe: identifyUID},
		{Type: "file.googleapis.com/Instance", Describe: describeFile},
	}
}

// describeSQL reads the names and addresses of a database server. Its outgoing address is not one at which it answers.
func describeSQL(s *Subject) {
	s.Identify(inventory.ResourceID, s.Data.Text("connectionName"))
	s.identifyHost(s.Data.Text("dnsName"))
	for _, ip := range s.Data.Objects("ipAddresses") {
		switch ip.Text("type") {
		case "PRIMARY":
			s.Identify(inventory.PublicIP, ip.Text("ipAddress"))
		case "PRIVATE":
			s.Identify(inventory.PrivateIP, ip.Text("ipAddress"))
		}
	}
	if s.Data.Text("state") == "MAINTENANCE" {
		s.Stage(inventory.LifecycleMaintenance)
	}
}

// describeSpanner reads the region of an instance, which its name does not tell, out of its configuration: "regional-europe-west1".
func describeSpanner(s *Subject) {
	if region, ok := strings.CutPrefix(lastSegment(s.Data.Text("config")), "regional-"); ok && s.Asset.Region == "" {
		s.Asset.Region = region
	}
}

func describeRedis(s *Subject) {
	s.identifyHost(s.Data.Text("host"))
	s.identifyHost(s.Data.Text("readEndpoint"))
}

func describeRedisCluster(s *Subject) {
	identifyUID(s)
	for _, host := range s.Data.Texts("discoveryEndpoints.address") {
		s.identifyHost(host)
	}
}

func describeMemcache(s *Subject) {
	s.identifyHost(s.Data.Text("discoveryEndpoint"))
	for _, host := range s.Data.Texts("memcacheNodes.host") {
		s.identifyHost(host)
	}
}

func describeAlloyDB(s *Subject) {
	partOfHolder(s)
	identifyUID(s)
	s.Identify(inventory.PrivateIP, s.Data.Text("ipAddress"))
	s.Identify(inventory.PublicIP, s.Data.Text("publicIpAddress"))
}

func describeFile(s *Subject) {
	for _, ip := range s.Data.Texts("networks.ipAddresses") {
		s.Identify(inventory.PrivateIP, ip)
	}
}

// identifyUID adds the id that Google gives once.
func identifyUID(s *Subject) { s.Identify(inventory.ResourceID, s.Data.Text("uid")) }
