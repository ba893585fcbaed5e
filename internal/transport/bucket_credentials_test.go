package transport

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// awsStandIn answers as a store, as a token service and as a machine's metadata service, and notes who
// signed the requests to the store.
type awsStandIn struct {
	mu     sync.Mutex
	signed map[string]bool // access key and region
	others []string        // METHOD PATH of the other services
	token  string          // of a session
}

func (a *awsStandIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	expires := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="); ok {
		parts := strings.Split(rest, "/") // key, date, region, …
		a.signed[parts[0]+" "+parts[2]] = true
		a.token = r.Header.Get("X-Amz-Security-Token")
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
		}
		return
	}
	a.others = append(a.others, r.Method+" "+r.URL.Path)
	const keys = `{"Code":"Success","AccessKeyId":"AKIAROLE","SecretAccessKey":"s","Token":"t","Expiration":%q}`
	switch {
	case r.URL.Path == "/latest/api/token":
		fmt.Fprint(w, "imds-token")
	case r.URL.Path == "/latest/meta-data/iam/security-credentials/":
		fmt.Fprint(w, "role")
	case strings.HasPrefix(r.URL.Path, "/latest/meta-data/"), r.URL.Path == "/container":
		fmt.Fprintf(w, keys, expires)
	case r.FormValue("WebIdentityToken") == "refused":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>AccessDenied</Code><Message>s3cret</Message></Error></ErrorResponse>`)
	case r.FormValue("Action") == "AssumeRoleWithWebIdentity":
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, expires)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestAWSEnvironment: where credentials and the region come from, each in a process of its own.
func TestAWSEnvironment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string]string{
		"credentials": "[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n[half]\naws_access_key_id = s3cret\n",
		"broken":      "s3cret = [ is not an ini file\n[default\n",
		"token":       "web-token", "refused": "refused",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	const warning = "warning: the bucket s3://bucket/audit is not used: could not get AWS credentials from "
	const remedy = "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role"
	for _, c := range []struct {
		name   string
		env    []string // SERVER stands for the stand-in
		signed string
		others string
		output string
	}{
		{"keys beat everything", []string{"AWS_ACCESS_KEY_ID=AKIAENV", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t", "AWS_PROFILE=team", "AWS_SHARED_CREDENTIALS_FILE=" + file("credentials"), "AWS_REGION=eu-north-1"}, "AKIAENV eu-north-1 t", "", ""},
		{"half a key pair", []string{"AWS_ACCESS_KEY_ID=AKIAENV", "AWS_SHARED_CREDENTIALS_FILE=" + file("credentials")}, "", "", warning + "the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set: there are none" + remedy},
		{"a web identity", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=" + file("token"), "AWS_ROLE_ARN=arn:aws:iam::1:role/audit", "AWS_ENDPOINT_URL_STS=SERVER", "AWS_DEFAULT_REGION=eu-west-3"}, "AKIAWEB eu-west-3 t", "[POST /]", ""},
		{"a web identity that is refused", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=" + file("refused"), "AWS_ROLE_ARN=arn:aws:iam::1:role/audit", "AWS_ENDPOINT_URL_STS=SERVER"}, "", "[POST /]", warning + "AWS_WEB_IDENTITY_TOKEN_FILE: the answer is AccessDenied" + remedy},
		{"a web identity without its file", []string{"AWS_WEB_IDENTITY_TOKEN_FILE=" + file("none"), "AWS_ROLE_ARN=arn:aws:iam::1:role/audit"}, "", "", warning + "AWS_WEB_IDENTITY_TOKEN_FILE: open " + file("none") + ": no such file or directory" + remedy},
		{"the default profile", []string{"AWS_SHARED_CREDENTIALS_FILE=" + file("credentials")}, "AKIADEFAULT us-east-1 ", "", ""},
		{"a profile", []string{"AWS_SHARED_CREDENTIALS_FILE=" + file("credentials"), "AWS_PROFILE=team"}, "AKIATEAM us-east-1 ", "", ""},
		{"a profile that does not exist", []string{"AWS_SHARED_CREDENTIALS_FILE=" + file("credentials"), "AWS_PROFILE=other"}, "", "", warning + "AWS_PROFILE: it returned none that can be used" + remedy},
		{"half a profile", []string{"AWS_SHARED_CREDENTIALS_FILE=" + file("credentials"), "AWS_PROFILE=half"}, "", "", warning + "AWS_PROFILE: it returned none that can be used" + remedy},
		{"a broken file", []string{"AWS_SHARED_CREDENTIALS_FILE=" + file("broken"), "AWS_PROFILE=default"}, "", "", warning + "AWS_PROFILE: it returned none that can be used" + remedy},
		{"the role of a container", []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=SERVER/container"}, "AKIAROLE us-east-1 t", "[GET /container]", ""},
		{"the role of a machine", []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=SERVER"}, "AKIAROLE us-east-1 t", "[PUT /latest/api/token GET /latest/meta-data/iam/security-credentials/ GET /latest/meta-data/iam/security-credentials/role]", ""},
		{"nothing", []string{"AWS_EC2_METADATA_DISABLED=true"}, "", "", warning + "the default profile or the role of this machine: there are none" + remedy},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			aws := &awsStandIn{signed: map[string]bool{}}
			api := server(t, aws.ServeHTTP)
			env := []string{bucketWorkerEnv + "=" + api.URL, "HOME=" + dir + "/home", "HTTP_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1"}
			for _, pair := range c.env {
				env = append(env, strings.Replace(pair, "SERVER", api.URL, 1))
			}
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), self)
			cmd.Env = env
			out, err := cmd.CombinedOutput()
			if err != nil || strings.TrimSpace(string(out)) != c.output || strings.Contains(string(out), "s3cret") {
				t.Errorf("%v, it prints %s\nwant: %s", err, out, c.output)
			}
			aws.mu.Lock()
			defer aws.mu.Unlock()
			signed := ""
			for who := range aws.signed {
				signed += who + " " + aws.token
			}
			others := ""
			if len(aws.others) > 0 {
				others = fmt.Sprint(aws.others)
			}
			if signed != c.signed || others != c.others {
				t.Errorf("the store was asked by %q, other services: %s", signed, others)
			}
		})
	}
}
