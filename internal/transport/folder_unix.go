//go:build unix

package transport

import (
	"io/fs"
	"os"
	"syscall"
)

// openFlags read a file, and do not wait if it is a pipe.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK | syscall.O_NOFOLLOW

// ownedBy reports whether the user with this id owns a file.
func ownedBy(info fs.FileInfo, euid int) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(stat.Uid) == int64(euid)
}
