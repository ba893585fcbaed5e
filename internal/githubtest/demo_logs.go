package githubtest

// failedLog is the log of the job that failed, with time stamps, colors and markers as a runner
// writes them.
const failedLog = "\ufeff" +
	"2026-05-04T10:00:33.0000000Z Current runner version: '2.330.0'\n" +
	"2026-05-04T10:00:33.0100000Z ##[group]Runner Image\n" +
	"2026-05-04T10:00:33.0100000Z Image: macos-15-arm64\n" +
	"2026-05-04T10:00:33.0100000Z Version: 20260427.1\n" +
	"2026-05-04T10:00:33.0100000Z ##[endgroup]\n" +
	"2026-05-04T10:00:33.2100000Z Prepare all required actions\n" +
	"2026-05-04T10:00:34.3100000Z Complete job name: test (macos-15, 1.26)\n" +
	"2026-05-04T10:00:34.6100000Z ##[group]Run actions/checkout@v4\n" +
	"2026-05-04T10:00:34.6100000Z with:\n" +
	"2026-05-04T10:00:34.6100000Z   repository: acme/app\n" +
	"2026-05-04T10:00:34.6100000Z ##[endgroup]\n" +
	"2026-05-04T10:00:35.8100000Z HEAD is now at f83a356 Keep sockets short\n" +
	"2026-05-04T10:00:36.2100000Z ##[group]Run make test\n" +
	"2026-05-04T10:00:36.2100000Z \x1b[36;1mmake test\x1b[0m\n" +
	"2026-05-04T10:00:36.2100000Z shell: /bin/bash -e {0}\n" +
	"2026-05-04T10:00:36.2100000Z ##[endgroup]\n" +
	"2026-05-04T10:00:38.3100000Z go test -race ./...\n" +
	"2026-05-04T10:00:41.5100000Z ##[warning]The cache for go-1.26-macos was not found; modules are downloaded.\n" +
	"2026-05-04T10:03:02.5100000Z ok  \texample.com/acme/app/queue\t1.204s\n" +
	"2026-05-04T10:03:11.5100000Z --- FAIL: TestListenOnUnixSocket (0.00s)\n" +
	"2026-05-04T10:03:11.5100000Z     socket_test.go:41: listen unix /var/folders/zz/T/TestListenOnUnixSocket/001/control.sock: bind: invalid argument\n" +
	"2026-05-04T10:03:11.5100000Z \x1b[31mFAIL\x1b[0m\texample.com/acme/app/control\t0.318s\n" +
	"2026-05-04T10:03:15.5100000Z ok  \texample.com/acme/app/store\t5.771s\n" +
	"2026-05-04T10:03:15.6100000Z FAIL\n" +
	"2026-05-04T10:03:15.7100000Z make: *** [test] Error 1\n" +
	"2026-05-04T10:03:15.9100000Z ##[error]control/socket_test.go:41: bind: invalid argument\n" +
	"2026-05-04T10:03:15.9100000Z ##[error]Process completed with exit code 2.\n" +
	"2026-05-04T10:03:16.4100000Z Post job cleanup.\n" +
	"2026-05-04T10:03:17.4100000Z Cleaning up orphan processes\n"

// deployLog is the log of a deployment.
const deployLog = "\ufeff" +
	"2026-05-04T10:06:55.0000000Z Current runner version: '2.330.0'\n" +
	"2026-05-04T10:06:57.0000000Z ##[group]Run ./deploy eu\n" +
	"2026-05-04T10:06:57.0000000Z shell: /usr/bin/bash -e {0}\n" +
	"2026-05-04T10:06:57.0000000Z ##[endgroup]\n" +
	"2026-05-04T10:07:00.0000000Z Uploading 3 bundles to eu-1\n" +
	"2026-05-04T10:07:40.0000000Z \x1b[32mDeployed\x1b[0m app 1.38.0 to eu-1\n" +
	"2026-05-04T10:07:43.0000000Z Health check passed\n" +
	"2026-05-04T10:07:44.0000000Z Cleaning up orphan processes\n"
