// Command giteatest starts a Gitea server, fills it with runs, and runs a command that reads them:
//
//	giteatest -image docker.gitea.com/gitea:1.27.3-rootless make test-live
//	giteatest -program ./gitea make test-live
//
// The command gets GITHUB_BASE_URL, GITHUB_TOKEN and REPOSITORY. The server ends with it.
//
// The runs are real: the server creates them from workflows. Their jobs are played by a runner that
// speaks the server's protocol and executes nothing. It reports the results and logs of world.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// fillLimit is how long the runs may take to be completed.
const fillLimit = 5 * time.Minute

func main() {
	var how startOptions
	flag.StringVar(&how.image, "image", "", "image of a Gitea server, which runs in a container")
	flag.StringVar(&how.program, "program", "", "program of a Gitea server, instead of -image")
	flag.StringVar(&how.files, "files", "", "folder with the templates and options of -program, if it does not contain them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, how, flag.Args())
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "giteatest:", err)
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.ExitCode() > 0 {
		os.Exit(failed.ExitCode())
	}
	os.Exit(1)
}

func run(ctx context.Context, how startOptions, command []string) error {
	if (how.image == "") == (how.program == "") || len(command) == 0 {
		return errors.New("usage: giteatest -image IMAGE | -program PROGRAM [-files FOLDER] command [argument …]")
	}
	s, err := start(ctx, how)
	if err != nil {
		return err
	}
	defer s.stop()
	playing, stop := context.WithCancel(ctx)
	defer stop()
	token, err := fill(playing, s)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(withoutGitHub(os.Environ()), "GITHUB_BASE_URL="+s.url+"/api/v1/", "GITHUB_TOKEN="+token, "REPOSITORY="+mainRepository)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// withoutGitHub leaves out the variables that describe another server than this one.
func withoutGitHub(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		return strings.HasPrefix(pair, "GITHUB_") || strings.HasPrefix(pair, "GH_")
	})
}
