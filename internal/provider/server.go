package provider

import (
	"context"
	"fmt"
	"slices"

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
	}
	factory := New(version)
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return newServer(factory()) }, options...)
}

// frameworkServer is what the framework's server can do. The last three are apart from ProviderServer
// in this version of the protocol's module; terraform-plugin-go asks for each of them by an assertion.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the framework's server, but the states of data sources do not pass through the framework:
// see setState.
type server struct{ frameworkServer }

// newServer serves p.
func newServer(p provider.Provider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	full, ok := framework.(frameworkServer)
	if !ok {
		panic(fmt.Sprintf("%T lacks a part of the protocol", framework)) // a test makes a server
	}
	return server{full}
}

// ReadDataSource answers with the state that the read left as msgpack, if it left one.
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

// encodedState is where a read leaves its state for the server, as msgpack. nil: it left none.
type encodedState struct{ state []byte }

type encodedStateKey struct{}

// encodedStateIn is where the read of ctx leaves its state; nil when no server waits for it.
func encodedStateIn(ctx context.Context) *encodedState {
	state, _ := ctx.Value(encodedStateKey{}).(*encodedState)
	return state
}
