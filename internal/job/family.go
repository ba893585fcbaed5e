package job

import "strings"

// StandsFor reports whether the job takes the place of jobs with this name, because GitHub decided
// not to run them before it knew their names. For a matrix that it skips, GitHub lists one job, named
// `test (${{ matrix.os }})` or `test`, and no `test (linux)`. For a reusable workflow that it skips,
// it lists `call` and no `call / build`.
func (j *Job) StandsFor(name string) bool {
	if !j.isStandIn() || *j.Name == name {
		return false
	}
	literals := literalsOf(*j.Name)
	if len(literals) > 1 && matchesAround(literals, name) {
		return true
	}
	for i := range name {
		if rest := name[i:]; (strings.HasPrefix(rest, " (") || strings.HasPrefix(rest, " / ")) && matchesAround(literals, name[:i]) {
			return true
		}
	}
	return false
}

// isStandIn reports whether the job can stand for others. A job that succeeded ran, whatever else a
// server says about it.
func (j *Job) isStandIn() bool {
	return Value(j.Name) != "" && !j.Unfinished() && j.NeverRan() && Value(j.Conclusion) != ConclusionSuccess
}

// isVague reports whether the name is nothing but expressions, so that it could stand for any job.
func (j *Job) isVague() bool {
	return strings.Join(literalsOf(Value(j.Name)), "") == ""
}

// literalsOf are the texts around the expressions of a name: one more than it has expressions. An
// expression without an end reaches to the end of the name.
func literalsOf(name string) []string {
	first, rest, found := strings.Cut(name, "${{")
	literals := []string{first}
	for found {
		_, after, _ := strings.Cut(rest, "}}")
		first, rest, found = strings.Cut(after, "${{")
		literals = append(literals, first)
	}
	return literals
}

// matchesAround reports whether a name has these texts in this order, with anything between them. A
// single text must be the whole name.
func matchesAround(literals []string, name string) bool {
	first, last := literals[0], literals[len(literals)-1]
	if len(literals) == 1 {
		return name == first
	}
	rest, begins := strings.CutPrefix(name, first)
	rest, ends := strings.CutSuffix(rest, last)
	if !begins || !ends {
		return false
	}
	for _, literal := range literals[1 : len(literals)-1] {
		_, after, found := strings.Cut(rest, literal)
		if !found {
			return false
		}
		rest = after
	}
	return true
}
