package transport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// credentialsTimeout bounds asking for credentials: a machine without a role may not answer at all.
const credentialsTimeout = 5 * time.Second

// identity is who asks a bucket. It looks for credentials when they are needed first, and again when
// they are about to expire.
type identity struct {
	region string
	client *http.Client // for a role's credentials

	mu     sync.Mutex
	failed error // it is not asked again
	known  *credentials.Credentials
	source string
}

// ready makes sure that there are credentials, so that minio-go, which asks for them in a goroutine of
// its own, finds them there.
func (i *identity) ready(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed != nil || !i.known.IsExpired() {
		return i.failed
	}
	if err := i.retrieve(ctx); err != nil {
		i.failed = &refusal{fmt.Sprintf("could not get AWS credentials from %s: %v; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role", i.source, err)}
	}
	return i.failed
}

// retrieve asks in a goroutine, since the program that a profile names has no time-out of its own. What
// has to do with the network ends with the context.
func (i *identity) retrieve(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), credentialsTimeout)
	defer cancel()
	answer := make(chan error, 1)
	go func() {
		value, err := i.known.GetWithContext(&credentials.CredContext{Client: i.client, Context: ctx})
		if err == nil && (value.AccessKeyID == "" || value.SecretAccessKey == "") {
			err = errNoCredentials
		}
		answer <- err
	}()
	select {
	case err := <-answer:
		if err == nil || errors.Is(err, errNoCredentials) {
			return err
		}
		if ctx.Err() == nil {
			return credentialsReason(err)
		}
	case <-ctx.Done():
	}
	return fmt.Errorf("no answer within %s", credentialsTimeout)
}

// credentialsReason is what may be shown of an error. The text of others may repeat lines of a file or
// what a server has sent.
func credentialsReason(err error) error {
	var file *fs.PathError
	var answer credentials.ErrorResponse
	switch {
	case errors.As(err, &file):
		return file
	case errors.As(err, &answer) && isErrorCode(answer.STSError.Code):
		return fmt.Errorf("the answer is %s", answer.STSError.Code)
	}
	var where interface{ Timeout() bool } // an error of net/http
	if errors.As(err, &where) {
		return errors.New("it cannot be reached")
	}
	return errors.New("it returned none that can be used")
}

// newIdentity picks where credentials come from, in the order that AWS's own tools have: the
// environment, a web identity, a profile, a role. It reads and asks nothing yet, except whether there
// are files with profiles.
func newIdentity(region string, client *http.Client) *identity {
	i := &identity{region: region, client: client}
	i.known, i.source = i.pick()
	return i
}

func (i *identity) pick() (_ *credentials.Credentials, source string) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	switch {
	case id != "" || secret != "":
		if id == "" || secret == "" {
			return credentials.New(&credentials.Static{}), "the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set"
		}
		return credentials.NewStaticV4(id, secret, os.Getenv("AWS_SESSION_TOKEN")), "AWS_ACCESS_KEY_ID"
	case os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && os.Getenv("AWS_ROLE_ARN") != "":
		return credentials.New(&credentials.IAM{Region: i.region, Endpoint: endpointIn("AWS_ENDPOINT_URL_STS")}), "AWS_WEB_IDENTITY_TOKEN_FILE"
	}
	// With AWS_PROFILE, a role must not take the place of a profile with a mistake.
	if profile := os.Getenv("AWS_PROFILE"); profile != "" {
		return credentials.NewFileAWSCredentials("", profile), "AWS_PROFILE"
	}
	return credentials.New(&profileOrRole{region: i.region}), "the default profile or the role of this machine"
}

// endpointIn reads the endpoint of a service. Plain http is for a loopback host, since requests there
// carry a token.
func endpointIn(variable string) string {
	u, err := parseEndpoint(strings.TrimSuffix(os.Getenv(variable), "/"))
	if err != nil {
		return ""
	}
	return u.String()
}

// profileOrRole is the default profile, or the role of a container or machine if there is no profile
// with that name, or none with credentials.
type profileOrRole struct {
	credentials.Provider // the one that had credentials

	region string
}

// RetrieveWithCredContext implements credentials.Provider.
func (p *profileOrRole) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	file := &credentials.FileAWSCredentials{}
	value, err := file.RetrieveWithCredContext(cc)
	if err == nil && value.AccessKeyID != "" {
		p.Provider = file
		return value, nil
	}
	inContainer := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != ""
	role := &credentials.IAM{Region: p.region}
	if !inContainer {
		if strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
			return credentials.Value{}, errNoCredentials
		}
		role.Endpoint = os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	}
	p.Provider = role
	return role.RetrieveWithCredContext(cc)
}

// Retrieve implements credentials.Provider.
func (p *profileOrRole) Retrieve() (credentials.Value, error) { return p.RetrieveWithCredContext(nil) }

// IsExpired implements credentials.Provider.
func (p *profileOrRole) IsExpired() bool { return p.Provider == nil || p.Provider.IsExpired() }

var errNoCredentials = errors.New("there are none")
