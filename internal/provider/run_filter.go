package provider

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// This file knows which names branches and users can have. GitHub answers an impossible name with an
// empty list, which looks like "no runs".

var errURL = errors.New("it is a URL")

// checkBranch refuses values that cannot be the name of a branch or tag.
func checkBranch(s string) error {
	switch {
	case s == "":
		return errEmpty
	case strings.HasPrefix(s, "refs/"):
		return errors.New("it is a ref")
	case strings.Contains(s, "://"):
		return errURL
	case strings.ContainsAny(s, "*?"):
		return errors.New("it is a pattern")
	}
	if err := checkNoSpace(s); err != nil {
		return err
	}
	return checkRefFormat(s)
}

// checkRefFormat applies the rules of git check-ref-format that checkBranch has not applied.
func checkRefFormat(s string) error {
	for _, forbidden := range []string{"~", "^", ":", `\`, "[", "..", "@{"} {
		if strings.Contains(s, forbidden) {
			return fmt.Errorf("it contains %q, which git does not allow", forbidden)
		}
	}
	switch {
	case strings.HasPrefix(s, "/"):
		return errors.New(`it begins with "/"`)
	case strings.HasSuffix(s, "/"):
		return errors.New(`it ends with "/"`)
	case strings.Contains(s, "//"):
		return errors.New(`it contains "//", which git does not allow`)
	case strings.HasSuffix(s, "."):
		return errors.New(`it ends with "."`)
	case s == "@":
		return errors.New(`it is "@", which is short for HEAD`)
	}
	for part := range strings.SplitSeq(s, "/") {
		switch {
		case strings.HasPrefix(part, "."):
			return errors.New(`a part of it begins with "."`)
		case strings.HasSuffix(part, ".lock"):
			return errors.New(`a part of it ends with ".lock"`)
		}
	}
	return nil
}

// branchRemedy says what to write instead of a value that checkBranch refuses.
func branchRemedy(value string) string {
	whole, part := "Write %s.", "Write only the name: %s."
	form, name := whole, strings.Trim(path.Clean("/"+strings.ReplaceAll(value, `\`, "/")), "/")
	switch ref, isRef := strings.CutPrefix(value, "refs/"); {
	case isRef:
		kind, short, _ := strings.Cut(ref, "/")
		if kind == "pull" {
			return "Write the name of the branch that the pull request comes from."
		}
		form, name = part, ""
		if kind == "heads" || kind == "tags" {
			name = short
		}
	case strings.Contains(value, "://"):
		_, name, _ = strings.Cut(value, "/tree/")
		form = part
	case strings.Contains(value, ":"):
		_, name, _ = strings.Cut(value, ":")
		form = part
	}
	if checkBranch(name) != nil {
		return "Write the name of one branch, such as main."
	}
	return fmt.Sprintf(form, clean(name))
}

const botSuffix = "[bot]"

// checkActor refuses values that cannot be a login. GitHub's own logins have letters, digits and "-";
// Enterprise accounts and other servers also allow "_" and ".".
func checkActor(s string) error {
	name := strings.TrimSuffix(s, botSuffix)
	i := strings.IndexFunc(name, func(r rune) bool { return !isLoginRune(r) })
	switch {
	case s == "":
		return errEmpty
	case strings.HasPrefix(s, "@"):
		return errors.New("it starts with @")
	case strings.Contains(s, "://"):
		return errURL
	case checkNoSpace(s) != nil:
		return checkNoSpace(s)
	case i >= 0:
		return fmt.Errorf("it contains %q", string([]rune(name[i:])[0]))
	case name == "":
		return errors.New("it has nothing before " + botSuffix)
	}
	return nil
}

func isLoginRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r)
}

// actorRemedy says what to write instead of a value that checkActor refuses.
func actorRemedy(value string) string {
	login := strings.Trim(strings.TrimPrefix(strings.TrimSpace(value), "@"), "/")
	if u, err := url.Parse(login); err == nil && u.Host != "" {
		login = strings.Trim(u.Path, "/")
		if app, isApp := strings.CutPrefix(login, "apps/"); isApp {
			login = app + botSuffix
		}
	}
	if checkActor(login) != nil {
		return `Write the login of one user, with letters, digits, "-", "_" and "." only, and ` + botSuffix + ` at its end for an app.`
	}
	return fmt.Sprintf("Write %s.", clean(login))
}

// eventOfCallee is the trigger of a called workflow. GitHub documents it as an event, but no run has it.
const eventOfCallee = "workflow_call"

var errNoRunHasEvent = errors.New("no run has this event")

// checkEvent refuses events that no run has, as far as is known. It is for warnings.
func checkEvent(s string) error {
	if s == eventOfCallee {
		return errNoRunHasEvent
	}
	return oneOf(knownEvents())(s)
}

// checkGateEvent is checkEvent where "" means any event.
func checkGateEvent(s string) error {
	if s == "" {
		return nil
	}
	return checkEvent(s)
}
