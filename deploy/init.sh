# First process of the containers: starts the command, passes signals on, ends as it ends.
#
# Linux drops a signal to PID 1 that has no handler for it. Node takes some 100 ms until it has one, this shell two.
# Before a command runs, `kill` has no process to signal and fails.
trap 'kill -TERM $! 2>/dev/null || exit 143' TERM
# Ctrl+C in a container's terminal reaches the command as well; a second SIGINT would cut its requests off.
trap 'kill -HUP $! 2>/dev/null || exit 130' INT
trap 'kill -HUP $! 2>/dev/null || exit 129' HUP
trap 'kill -USR1 $! 2>/dev/null' USR1
trap 'kill -USR2 $! 2>/dev/null' USR2
# A command in the background would read from /dev/null.
exec 3<&0
"$@" <&3 3<&- &
wait $!
code=$?
# A signal interrupts `wait` with more than 128, and the command may still run.
while [ "$code" -gt 128 ] && kill -0 $! 2>/dev/null; do
  wait $!
  code=$?
done
exit "$code"
