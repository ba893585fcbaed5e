//go:build !race

package joblog

const raceDetector = false
