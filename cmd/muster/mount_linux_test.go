package main

import "syscall"

// mountSmall mounts a file system in memory over a folder.
func mountSmall(dir, options string) error { return syscall.Mount("tmpfs", dir, "tmpfs", 0, options) }

// remount forbids or allows writes to it.
func remount(dir string, readOnly bool) error {
	flags := uintptr(syscall.MS_REMOUNT)
	if readOnly {
		flags |= syscall.MS_RDONLY
	}
	return syscall.Mount("", dir, "", flags, "")
}

func unmount(dir string) error { return syscall.Unmount(dir, 0) }
