package provider

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Serve serves the provider to Terraform until Terraform ends it. With debug it waits for a debugger
// and prints how Terraform reaches this process.
func Serve(address, version string, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	} else if err := switchOffLogs(os.Environ(), os.Setenv); err != nil {
		return err
	}
	factory := New(version)
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return newServer(factory()) }, options...)
}

// switchOffLogs turns off the loggers of this process when Terraform discards what they write,
// which is the default. Without this, they write every line down to TRACE, several for each
// request. The loggers stay on if any variable of the TF_LOG family is set to something other than
// off.
func switchOffLogs(environ []string, setenv func(name, value string) error) error {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) && value != "" && !strings.EqualFold(value, "off") {
			return nil
		}
	}
	// The last one is for the messages of this provider: its name comes from the registry address.
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_GITHUB_ACTIONS"} {
		if err := setenv(name, "off"); err != nil {
			return err
		}
	}
	return nil
}

// frameworkServer has the methods of the framework's server. The last three interfaces are not part
// of ProviderServer in this version of terraform-plugin-go, which finds each of them by a type
// assertion.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's server, except that the states of data sources do not pass through the
// framework: see setState.
type server struct{ frameworkServer }

// newServer serves p.
func newServer(p provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	full, ok := framework.(frameworkServer)
	if !ok {
		panic(fmt.Sprintf("%T lacks a part of the protocol", framework)) // a test creates a server, so this cannot reach a release
	}
	return server{full}
}

// ReadDataSource answers with the state that the read stored as msgpack, if there is one.
func (s server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var read encodedState
	resp, err := s.frameworkServer.ReadDataSource(context.WithValue(ctx, encodedStateKey{}, &read), req)
	if err != nil || read.state == nil {
		return resp, err
	}
	resp.State = nil
	if !slices.ContainsFunc(resp.Diagnostics, isError) {
		resp.State = &tfprotov6.DynamicValue{MsgPack: read.state}
	}
	return resp, nil
}

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// encodedState holds the state that a read passes to the server, as msgpack. nil: none yet.
type encodedState struct{ state []byte }

type encodedStateKey struct{}

// encodedStateIn returns the place for the state of the read with ctx; nil without such a server.
func encodedStateIn(ctx context.Context) *encodedState {
	state, _ := ctx.Value(encodedStateKey{}).(*encodedState)
	return state
}
