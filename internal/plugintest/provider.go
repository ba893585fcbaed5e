// Package plugintest starts a provider in a separate process, as Terraform does, and calls it. With
// it, tests and benchmarks measure what such a process costs, and check what it writes.
package plugintest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// Provider is a running provider.
type Provider struct {
	cmd    *exec.Cmd
	client *plugin.Client
	conn   *grpc.ClientConn
}

// Start starts cmd, which must serve version 6 of the protocol. The process gets only the
// environment in cmd. Its log goes to stderr.
func Start(cmd *exec.Cmd, stderr io.Writer) (*Provider, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 6, MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		Plugins: plugin.PluginSet{"provider": connection{}}, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Cmd: cmd, SkipHostEnv: true, Stderr: stderr, Logger: hclog.NewNullLogger(),
	})
	p := &Provider{cmd: cmd, client: client}
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, err
	}
	dispensed, err := protocol.Dispense("provider")
	if err != nil {
		client.Kill()
		return nil, err
	}
	p.conn, _ = dispensed.(*grpc.ClientConn)
	return p, nil
}

// Stop ends the provider and returns the resource usage of its process.
func (p *Provider) Stop() *os.ProcessState {
	p.client.Kill()
	return p.cmd.ProcessState
}

// Configure sends the provider block, as JSON.
func (p *Provider) Configure(ctx context.Context, config string) error {
	request := appendMessage(nil, 1, []byte("1.11.4"))
	resp, err := p.call(ctx, "ConfigureProvider", appendMessage(request, 2, fromJSON(config)))
	if err != nil {
		return err
	}
	return firstDiagnostic(resp, 1)
}

// Schema asks for the schemas.
func (p *Provider) Schema(ctx context.Context) error {
	_, err := p.call(ctx, "GetProviderSchema", nil)
	return err
}

// Validate validates a data block, given as JSON.
func (p *Provider) Validate(ctx context.Context, typeName, config string) error {
	resp, err := p.call(ctx, "ValidateDataResourceConfig", appendMessage(appendMessage(nil, 1, []byte(typeName)), 2, fromJSON(config)))
	if err != nil {
		return err
	}
	return firstDiagnostic(resp, 1)
}

// Read reads a data source and gives back its state as msgpack.
func (p *Provider) Read(ctx context.Context, typeName, config string) ([]byte, error) {
	resp, err := p.call(ctx, "ReadDataSource", appendMessage(appendMessage(nil, 1, []byte(typeName)), 2, fromJSON(config)))
	if err != nil {
		return nil, err
	}
	if err := firstDiagnostic(resp, 2); err != nil {
		return nil, err
	}
	return first(first(resp, 1), 1), nil
}

func (p *Provider) call(ctx context.Context, method string, request []byte) ([]byte, error) {
	var resp []byte
	err := p.conn.Invoke(ctx, "/tfplugin6.Provider/"+method, &request, &resp, grpc.ForceCodec(raw{}),
		grpc.MaxCallRecvMsgSize(256<<20))
	return resp, err
}

// fromJSON is a DynamicValue.
func fromJSON(config string) []byte { return appendMessage(nil, 2, []byte(config)) }

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

// firstDiagnostic is the first diagnostic in a field of an answer.
func firstDiagnostic(message []byte, field protowire.Number) error {
	diagnostic := first(message, field)
	if diagnostic == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", first(diagnostic, 2), first(diagnostic, 3))
}

// first is the first value of a field of a message; nil if there is none.
func first(message []byte, field protowire.Number) []byte {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil
		}
		message = message[n:]
		if number == field && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			return value
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return nil
		}
		message = message[n:]
	}
	return nil
}

// raw passes messages on unchanged.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) ([]byte, error) {
	message, ok := v.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("cannot send a %T", v)
	}
	return *message, nil
}

func (raw) Unmarshal(message []byte, v any) error {
	to, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot receive a %T", v)
	}
	*to = message
	return nil
}

// connection is a plugin that only provides its connection.
type connection struct{ plugin.NetRPCUnsupportedPlugin }

func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is a client")
}

func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}
