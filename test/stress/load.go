package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
)

// keepBusy starts so many processes that do nothing but compute. They end when they are released, or when this
// process is gone: their standard input ends then.
func keepBusy(count int) (release func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var started []*exec.Cmd
	var inputs []io.Closer
	release = func() {
		for _, input := range inputs {
			_ = input.Close()
		}
		for _, command := range started {
			_ = command.Wait()
		}
	}
	for range count {
		command := exec.Command(self, "-spin")
		input, err := command.StdinPipe()
		if err == nil {
			err = command.Start()
		}
		if err != nil {
			release()
			return nil, errors.Join(errors.New("keep the machine busy"), err)
		}
		started, inputs = append(started, command), append(inputs, input)
	}
	return release, nil
}

// compute uses one core until the input ends.
func compute(input io.Reader) {
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, input)
		close(ended)
	}()
	for x := uint64(1); ; x = x*6364136223846793005 + 1 {
		if x%1024 != 0 {
			continue
		}
		select {
		case <-ended:
			return
		default:
		}
	}
}
