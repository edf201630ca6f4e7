//go:build unix

package exec

import (
	osexec "os/exec"
	"syscall"
)

// ownGroup makes the program lead a process group of its own, so that its children end with it.
func ownGroup(cmd *osexec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
