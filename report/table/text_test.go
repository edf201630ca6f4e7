package tablereport

import "testing"

// A line of a log is no command to the system that keeps the log, whoever wrote the words in it.
func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"##vso[task.setvariable variable=x]y", "# #vso[task.setvariable variable=x]y"},
		{"a ##vso[task.complete]", "a # #vso[task.complete]"},
		{"::error file=x::y", ": :error file=x::y"},
		{"a ::Set-Output name=x::y", "a : :Set-Output name=x::y"},
		{"AWS::EC2::Instance", "AWS::EC2::Instance"},
		{"arn:aws:s3:::acme", "arn:aws:s3:::acme"},
		{"::1 and ::ffff:10.0.0.1", "::1 and ::ffff:10.0.0.1"},
		{"## notes", "## notes"},
		{"a\n::warning::b", "a : :warning::b"},
	}
	for _, tt := range tests {
		if got := clean(tt.in); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := clean(tt.want); again != tt.want {
			t.Errorf("clean(%q) = %q, not stable", tt.want, again)
		}
	}
}
