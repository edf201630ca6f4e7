// Package asffreport encodes a report as findings of AWS Security Hub, in the AWS Security Finding Format
// (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html): a list for
// "aws securityhub batch-import-findings", which takes 100 a call, of one account and region.
//
// Security Hub keeps findings by account and region, so a finding is written for those of its asset. One whose asset is in
// no AWS account has no place there and is left out.
package asffreport

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/jsonstream"
)

// Options say what happens around the list.
type Options struct {
	// LeftOut is told how many new and open findings are about nothing in AWS, if there are any.
	LeftOut func(findings int)
}

// Encoder writes a list of findings.
type Encoder struct{ options Options }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder.
func New(o Options) *Encoder { return &Encoder{options: o} }

// Format returns the id "asff".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "asff", Extension: ".json", MediaType: "application/json"}
}

// Encode writes new and open findings as active, and resolved and accepted ones as archived, which takes them off the list of
// Security Hub if they are on it.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriterSize(w, 1<<16)
	j := jsonstream.New(b)
	a := writer{json: j, report: r, titles: map[string]string{}, types: resourceTypes()}
	for _, info := range r.Rules {
		a.titles[info.ID] = info.Title
	}
	j.Open()
	for f := range ci.Open(r) {
		if !a.write(f, active, nil) {
			a.leftOut++
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.State == inventory.FindingResolved {
			a.write(f, archived, nil)
		}
	}
	for i := range r.Accepted {
		a.write(&r.Accepted[i].Finding, archived, &r.Accepted[i])
	}
	j.Close()
	j.Raw("\n")
	if err := errors.Join(j.Err(), b.Flush()); err != nil {
		return fmt.Errorf("write asff report: %w", err)
	}
	if a.leftOut > 0 && e.options.LeftOut != nil {
		e.options.LeftOut(a.leftOut)
	}
	return nil
}
