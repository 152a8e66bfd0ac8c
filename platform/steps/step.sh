#!/bin/sh
# step.sh WORD...: a step of a deploy, by its words as in run.ts. The process that runs Terraform does it, where it serves
# steps at $LAB_STEPS (server.ts): a dozen of them start while the services' own starts need the processors. Where it does
# not, or is gone before the step is done, Node.js does it here; a step may be done twice.

# Gives the step's lines, which come behind a blank; 2 when nobody says how it ended.
served() {
  printf '%s\0' "$PWD" "${LAB_SSH_CONFIG-}" "${LAB_SSH_HOST-}" "${DOCKER_HOST-}" "$@" |
    curl --silent --no-buffer --noproxy '*' --unix-socket "$LAB_STEPS" --data-binary @- http://steps/ |
    {
      while IFS= read -r line; do
        case $line in
          ' '*) printf '%s\n' "${line# }" ;;
          done) exit 0 ;;
          failed) exit 1 ;;
        esac
      done
      exit 2
    }
}

if [ -S "${LAB_STEPS-}" ]; then
  served "$@" 2>/dev/null
  status=$?
  [ "$status" -eq 2 ] || exit "$status"
fi
exec node "$(dirname "$0")/../../.lab/steps.js" "$@"
