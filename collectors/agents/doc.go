// Package agents is what the collectors of agent exports share: Chef, PuppetDB, Ansible's fact cache, Salt and AWS Systems
// Manager each know of machines that an agent on them reported, and when it last did.
//
// A kind of export is a Kind: its name, and a Reader that makes a Host of each record. Files are found, opened and judged here,
// hosts become assets here, so that the same fact has the same name whoever reported it.
//
// Two attributes say how alive an agent is. last_check_in is when it last reported, null if it is registered and never did, and
// left out where the export does not tell. check_in_limit is the option max_age. See checkIn for what is written down.
package agents
