package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// parseActionsURLFunction is parse_actions_url: from a link to the arguments of data sources.
type parseActionsURLFunction struct{}

func newParseActionsURLFunction() function.Function { return &parseActionsURLFunction{} }

func (f *parseActionsURLFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_actions_url"
}

func (f *parseActionsURLFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Read owner, repository and ids from a link to GitHub Actions",
		MarkdownDescription: "Takes a link to a run or a job apart, as copied from a browser or as the API gives it, for the arguments of data sources. It reads links of github.com, GitHub Enterprise Server and GHE.com and asks GitHub for nothing. Needs Terraform 1.8 or OpenTofu 1.7.\n\n" +
			"The result is an object:\n\n" +
			"- `host` (string): the host as it stands in a browser, in lower case, with its port where it is not the usual one: `github.com` for `api.github.com` too, `SUBDOMAIN.ghe.com` for `api.SUBDOMAIN.ghe.com`. Never null.\n" +
			"- `owner` and `repository` (strings): never null.\n" +
			"- `run_id`, `attempt_number`, `job_id` (numbers): null where the link has none. The API's links to a job and the page of a check run, `/OWNER/REPOSITORY/runs/ID`, name no run; the list of runs and the page of a workflow name none of the three.\n\n" +
			"Query, fragment and the pages below a run or job (`/usage`, `/logs` and others) do not count. Any other link is an error. So is null, and the result is unknown while the link is.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "url",
				MarkdownDescription: "Link that starts with `https://` or `http://`, such as `https://github.com/acme/app/actions/runs/700/job/70004` or `html_url` of a job or run. It may not hold a user name or password.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: linkObject().returned().AttrTypes},
	}
}

func (f *parseActionsURLFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var url string
	if resp.Error = req.Arguments.Get(ctx, &url); resp.Error != nil {
		return
	}
	link, err := actions.ParseLink(url)
	if err != nil {
		resp.Error = linkError(0, err)
		return
	}
	value, err := linkObject().result(ctx, link)
	if err != nil {
		resp.Error = resultError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value)
}

// linkObject names its attributes as data sources name their arguments.
func linkObject() object[actions.Link] {
	type link = actions.Link
	return object[link]{
		stringAttr("host", "Host as it stands in a browser.", func(l link) *string { return &l.Host }),
		stringAttr("owner", "Owner of the repository.", func(l link) *string { return &l.Repository.Owner }),
		stringAttr("repository", "Name of the repository.", func(l link) *string { return &l.Repository.Name }),
		int64Attr("run_id", "Id of the run. Null where the link has none.", func(l link) *int64 { return l.RunID }),
		int64Attr("attempt_number", "Number of the attempt. Null where the link has none.", func(l link) *int64 { return l.AttemptNumber }),
		int64Attr("job_id", "Id of the job. Null where the link has none.", func(l link) *int64 { return l.JobID }),
	}
}
