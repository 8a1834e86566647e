#!/bin/sh
# Runs the set on the first GPU of a host that has its driver and nothing else of this project. `kernels/build --static` puts it
# beside the programs as `measure`, with what was built (build.txt) and what to run (runs.txt). What it prints becomes calibration
# where the checkout is: npm run kernels -- import FILE
case ${1:-} in -*)
  echo 'usage: ./measure [NAME]... > FILE    runs the kernels of these names, or all: some ten minutes; nothing else should run'
  exit
esac

here=$(dirname "$(readlink -f "$0")")
data=$(mktemp -d) || exit
trap 'rm -r "$data"' EXIT
trap 'exit 130' INT TERM
line() { printf '%s\n' "$*"; } # echo would read the backslashes of JSON
built() { sed -n "s/^$1 //p" "$here/build.txt"; }

# What the host says of itself: about one processor, and nvidia-smi's answer.
echo 'CX_MEASURE 1'
sed 's/^/CX_BUILD /' "$here/build.txt"
sed '/^$/q' /proc/cpuinfo | sed -n '/^\(vendor_id\|model name\|bogomips\|flags\)/s/^/CX_CPU /p'
echo "CX_CORES $(nproc)"
sed -n 's/^MemTotal: *\([0-9]*\) kB/CX_MEMORY \1/p' /proc/meminfo
# Its options are several words.
gpus=$(nvidia-smi $(built query) 2>/dev/null | sed 's/^/CX_GPU /')
[ -z "$gpus" ] || line "$gpus"
capability=$(line "$gpus" | sed -n '1s/^CX_GPU [^,]*,[^,]*, *\([0-9]*\)\.\([0-9]\).*/\1\2/p')

# launch NUMBER KERNEL ARGUMENT...: one run; its result stays in $result.
launch() {
  echo "CX_RUN $1 $(date -u +%Y-%m-%dT%H:%M:%SZ) $(cut -d ' ' -f 1 /proc/loadavg) $(shift; echo "$*" | sed "s|$data|DATA|")"
  echo "$*" >&2
  program=$here/$2
  shift 2
  output=$("$program" "$@" < /dev/null)
  code=$?
  result=$(line "$output" | sed -n '$s/^COXSWAIN_RESULT //p')
  [ -z "$result" ] || line "COXSWAIN_RESULT $result"
  echo "CX_END $code"
  return $code
}

# prolonged OPTION ARGUMENT...: the arguments, with OPTION's number so high that joules can be counted.
prolonged() {
  option=$1 raise=no words=
  shift
  seconds=$(line "$result" | sed -n 's/.*"roi_s":\([^,}]*\).*/\1/p')
  for word in "$@"; do
    [ $raise = no ] || word=$(awk "BEGIN { most = $word * $(built aim) / $seconds; print int(most) + (most > int(most)) }")
    raise=no
    [ "$word" != "$option" ] || raise=yes
    words="$words $word"
  done
  echo "$words"
}

number=0 failed=0
# Arguments have no blanks or wildcards in them: they may be split.
while read -r needs option kernel arguments; do
  arguments=$(echo "$arguments" | sed "s|DATA|$data|")
  if [ "$needs" = data ]; then
    "$here/$kernel" $arguments > /dev/null || exit
    continue
  fi
  [ "$needs" = - ] || [ "$needs" = "$capability" ] || continue
  case " ${*:-$kernel} " in *" $kernel "*) ;; *) continue ;; esac
  number=$((number + 1))
  launch $number "$kernel" $arguments || { failed=$((failed + 1)); continue; }
  [ "$option" != - ] || continue
  case $result in *'"short_window"'*) launch $number "$kernel" $(prolonged "$option" $arguments) ;; esac
done < "$here/runs.txt"
echo "CX_DONE $number"
echo "$((number - failed)) of $number runs succeeded" >&2
[ $failed = 0 ]
