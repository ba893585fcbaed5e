package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// startOptions name the server: an image or a program.
type startOptions struct {
	image, program, files string
}

// server is a Gitea server on this machine.
type server struct {
	url   string
	gitea func(ctx context.Context, args ...string) error // runs the gitea command beside the server
	ended chan struct{}                                   // closed when the server ends
	stop  func()
}

// setting is a setting of Gitea, by section and key.
type setting [2]string

// startLimit is how long the server may take to answer. It includes the download of the image.
const startLimit = 5 * time.Minute

// start starts a server without users and waits until it answers.
func start(ctx context.Context, how startOptions) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gitea")
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://127.0.0.1:" + port, ended: make(chan struct{})}
	settings := map[setting]string{
		{"server", "ROOT_URL"}:       s.url + "/",
		{"server", "DISABLE_SSH"}:    "true",
		{"server", "OFFLINE_MODE"}:   "true",
		{"database", "DB_TYPE"}:      "sqlite3",
		{"security", "INSTALL_LOCK"}: "true",
		{"actions", "ENABLED"}:       "true",
		{"log", "LEVEL"}:             "Error",
	}
	running, cancel := context.WithCancel(ctx)
	cmd, remove := how.container(running, s, port, settings)
	if how.image == "" {
		cmd, err = how.process(running, s, dir, port, settings)
	}
	if err == nil {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 15 * time.Second
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("could not start the server: %w", err)
	}
	go func() {
		_ = cmd.Wait() // it is interrupted in the end
		close(s.ended)
	}()
	s.stop = func() {
		cancel()
		<-s.ended
		remove()
		_ = os.RemoveAll(dir)
	}
	if err := s.await(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func freePort(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// container is a server in a container. The image makes its configuration from variables.
func (how startOptions) container(ctx context.Context, s *server, port string, settings map[setting]string) (cmd *exec.Cmd, remove func()) {
	if how.image == "" {
		return nil, func() {}
	}
	name := "giteatest-" + port
	args := []string{"run", "--rm", "--name", name, "--publish", "127.0.0.1:" + port + ":3000"}
	for setting, value := range settings {
		args = append(args, "--env", fmt.Sprintf("GITEA__%s__%s=%s", setting[0], setting[1], value))
	}
	s.gitea = func(ctx context.Context, args ...string) error {
		return silently(exec.CommandContext(ctx, "docker", append([]string{"exec", name, "gitea"}, args...)...))
	}
	return exec.CommandContext(ctx, "docker", append(args, how.image)...), func() {
		_ = silently(exec.CommandContext(context.WithoutCancel(ctx), "docker", "rm", "--force", name)) // it may be gone
	}
}

// process is a server that is a program of this machine, with all its files in dir.
func (how startOptions) process(ctx context.Context, s *server, dir, port string, settings map[setting]string) (*exec.Cmd, error) {
	settings[setting{"server", "HTTP_ADDR"}], settings[setting{"server", "HTTP_PORT"}] = "127.0.0.1", port
	if how.files != "" {
		settings[setting{"server", "STATIC_ROOT_PATH"}] = how.files
	}
	common := []string{"--work-path", dir, "--config", filepath.Join(dir, "app.ini")}
	s.gitea = func(ctx context.Context, args ...string) error {
		return silently(exec.CommandContext(ctx, how.program, append(slices.Clone(common), args...)...))
	}
	return exec.CommandContext(ctx, how.program, append(slices.Clone(common), "web")...), os.WriteFile(common[3], []byte(ini(settings)), 0o600)
}

// ini is a configuration file. The server lives for one test and holds nothing of value, so it may run
// as any user.
func ini(settings map[setting]string) string {
	var text strings.Builder
	text.WriteString("I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n")
	for _, name := range slices.SortedFunc(maps.Keys(settings), func(a, b setting) int { return slices.Compare(a[:], b[:]) }) {
		fmt.Fprintf(&text, "[%s]\n%s = %s\n", name[0], name[1], settings[name])
	}
	return text.String()
}

// silently runs a command and shows its output only if it fails.
func silently(cmd *exec.Cmd) error {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.Bytes())
	}
	return nil
}

// await waits until the server answers.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("the server did not answer within %s", startLimit))
	defer cancel()
	for {
		var answer struct {
			Version string `json:"version"`
		}
		err := (&client{base: s.url + "/api/v1"}).call(ctx, "GET", "/version", nil, &answer)
		if err == nil {
			fmt.Fprintf(os.Stderr, "Gitea %s is at %s\n", answer.Version, s.url)
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("the server has ended")
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		}
	}
}
