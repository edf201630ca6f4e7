// Package ssm reads the machines that AWS Systems Manager manages, as aws ssm describe-instance-information prints them: EC2
// instances (i-…) and machines outside of EC2 (mi-…).
//
// A machine's last check-in is LastPingDateTime, which version 1 of the AWS CLI prints as seconds and version 2 as a date. The
// export names neither account nor region: the options of those names do.
package ssm

import (
	"context"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/agents"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return agents.Kind{
		Name:    "ssm",
		Summary: "machines that AWS Systems Manager manages",
		Reads: "Reads the saved output of: aws ssm describe-instance-information --output json\n" +
			"Whoever makes the export needs ssm:DescribeInstanceInformation.",
		Reader: func() agents.Reader { return reader{} },
	}.Spec()
}

type reader struct{}

// End does nothing: each file was complete.
func (reader) End(context.Context, *agents.Out) error { return nil }

// Read reads one file.
func (reader) Read(ctx context.Context, f *agents.File, out *agents.Out) error {
	return f.Records(ctx, "InstanceInformationList", func(r agents.Record) error {
		about := agents.Facts(r.Object())
		id := about.Text("InstanceId")
		if !strings.HasPrefix(id, "i-") && !strings.HasPrefix(id, "mi-") {
			out.Skip("", r.Offset, "it has no InstanceId that begins with i- or mi-", "export with: aws ssm describe-instance-information --output json")
			return nil
		}
		h := newHost(id, about)
		return out.Host(ctx, &h)
	}, func(rest agents.Rest) error {
		if rest.Text("NextToken") != "" {
			return f.Untrusted("it is one page of several: export without --max-items and --no-paginate")
		}
		return nil
	})
}

func newHost(id string, f agents.Facts) agents.Host {
	h := agents.Host{
		ID: id, Name: f.Text("Name", "ComputerName"), Record: f, Whole: true, FQDN: f.Text("ComputerName"),
		Addresses: []string{f.Text("IPAddress")}, OS: agents.Joined(f.Text("PlatformName"), f.Text("PlatformVersion")),
		AgentVersion: f.Text("AgentVersion"), State: f.Text("PingStatus"), CheckIn: agents.CheckIn{At: f.Time("LastPingDateTime")},
	}
	if strings.HasPrefix(id, "i-") {
		h.InstanceID = id
	} else {
		h.ResourceID = id
	}
	return h
}
