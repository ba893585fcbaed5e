package actions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// TestCutSteps decodes an answer with and without its steps, and compares the two.
func TestCutSteps(t *testing.T) {
	t.Parallel()
	hostile := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{`"`, `\`, "[", "]", "{", "}", ":", ",", "steps", `"steps":[`, "é", "\n"}), 0, 8), func(s []string) string { return strings.Join(s, "") })
	blank := rapid.SampledFrom([]string{"", " ", "\n\t"})
	rapid.Check(t, func(rt *rapid.T) {
		quoted := func() string {
			b, err := json.Marshal(hostile.Draw(rt, "text"))
			if err != nil {
				rt.Fatal(err)
			}
			return string(b)
		}
		var jobs, want []string
		for range rapid.IntRange(0, 4).Draw(rt, "jobs") {
			steps := "[" + blank.Draw(rt, "blank") + strings.Join(rapid.SliceOfN(rapid.Custom(func(*rapid.T) string {
				return `{"name":` + quoted() + `,"x":[` + quoted() + `,{}]}`
			}), 0, 3).Draw(rt, "steps"), ",") + "]"
			jobs = append(jobs, `{"name":`+quoted()+`,"steps"`+blank.Draw(rt, "blank")+":"+blank.Draw(rt, "blank")+steps+`,"y":`+quoted()+`}`)
			want = append(want, steps)
		}
		text := `{"jobs":[` + strings.Join(jobs, ",") + `],` + quoted() + `:` + quoted() + `}`
		rest, lists := actions.CutSteps([]byte(text))
		if !json.Valid(rest) {
			rt.Fatalf("%s\nleaves\n%s", text, rest)
		}
		if strings.Join(lists, "\x00") != strings.Join(want, "\x00") {
			rt.Fatalf("%s\ntook out %q, want %q", text, lists, want)
		}
		var whole, without struct{ Jobs []map[string]any }
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			rt.Fatal(err)
		}
		if err := json.Unmarshal(rest, &without); err != nil {
			rt.Fatal(err)
		}
		for i, j := range whole.Jobs {
			if j["name"] != without.Jobs[i]["name"] || j["y"] != without.Jobs[i]["y"] || without.Jobs[i]["steps"].([]any)[0] != float64(i+1) {
				rt.Fatalf("%s\nleaves\n%s", text, rest)
			}
		}
	})
}

// TestCutStepsOfBrokenJSON: the result is still broken, so the decoder reports it.
func TestCutStepsOfBrokenJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `{"steps`, `{"steps"`, `{"steps":`, `{"steps":[`, `{"steps":[{"a":"]`, `{"steps":[{"a":"]"}`, `{"steps":[[]`, `{"steps" [1]`, `{"x":"\`, `{"steps":[1],"x":`,
	} {
		if rest, _ := actions.CutSteps([]byte(text)); json.Valid(rest) {
			t.Errorf("%s became %s", text, rest)
		}
	}
	for text, want := range map[string]string{`{"steps":null}`: `{"steps":null}`, `["steps",[1]]`: `["steps",[1]]`, `{"a":"steps","b":[1]}`: `{"a":"steps","b":[1]}`, `{"steps":[[1],"]"]}`: `{"steps":[1]}`} {
		if rest, _ := actions.CutSteps([]byte(text)); string(rest) != want {
			t.Errorf("%s became %s, want %s", text, rest, want)
		}
	}
}
