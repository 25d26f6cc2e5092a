#!/usr/bin/env bash
# Checks and times SAM2J on this machine and writes report.txt. Needs Linux on x86-64 and, for CUDA, NVIDIA's driver and
# cuBLAS; Java comes with the bundle. Nothing that fails or takes too long stops the rest.
set -u

usage() {
    cat <<'TEXT'
Usage: run.sh [--quick] [--device cuda:0|cpu] [--only STEP,...] [--models t,s,b+,l] [--total SECONDS]
              [--checkout FOLDER]
  --quick    the demo model and few runs, to see that everything works
  --device   what SAM2J computes on (default cuda:0)
  --only     out of facts,leak,contract,parity,timing,peers (default all, in this order)
  --models   sizes that are timed (default t,s,b+,l)
  --checkout a checkout of SAM2J, which has the demo model and the recordings that a thin bundle lacks
  --total    seconds for everything (default 530); what has no time left is reported as skipped
Writes report.txt, its logs and timings.jsonl into the folder $OUT, by default ./out.
TEXT
}

fail() {
    echo "run.sh: $1" >&2
    exit 2
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=cuda:0 quick=false models=t,s,b+,l total=530 checkout= only=facts,leak,contract,parity,timing,peers
while [ $# -gt 0 ]; do
    case $1 in
        --help) usage; exit 0 ;;
        --quick) quick=true; models=demo; shift; continue ;;
        --device | --only | --models | --total | --checkout) [ $# -ge 2 ] || fail "$1: expected a value" ;;
        *) fail "unknown option $1 (see --help)" ;;
    esac
    case $1 in
        --device) device=$2 ;;
        --only) only=$2 ;;
        --models) models=$2 ;;
        --total) total=$2 ;;
        --checkout) checkout=$(cd "$2" 2>/dev/null && pwd) || fail "--checkout: there is no folder $2" ;;
    esac
    shift 2
done
[[ $total =~ ^[1-9][0-9]*$ ]] || fail "--total: expected a number of seconds, got $total"
[[ $device =~ ^(cpu|cuda(:[0-9]+)?)$ ]] || fail "--device: expected cpu or cuda:N, got $device"
kind=${device%%:*}

# A clean environment has none of these.
export PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
PATH=$PATH:/usr/local/nvidia/bin:/usr/local/cuda/bin
export LC_ALL=C PYTHONUNBUFFERED=1 HOME=${HOME:-/tmp}
out=${OUT:-$PWD/out}
mkdir -p "$out" && out=$(cd "$out" && pwd) || fail "cannot make the folder $out"
work=$(mktemp -d) || fail "cannot make a temporary folder"
declare -A compiling
trap 'for pid in "${compiling[@]}"; do kill "$pid" 2>/dev/null; done; rm -rf "$work"' EXIT
export SAM2J_CACHE=$work/cache
export TORCHINDUCTOR_CACHE_DIR=${TORCHINDUCTOR_CACHE_DIR:-$work/inductor} TRITON_CACHE_DIR=${TRITON_CACHE_DIR:-$work/triton}
report=$out/report.txt timings=$out/timings.jsonl
rm -f "$out"/{report.txt,timings.jsonl,contract.log,parity.log,leak.log,timing.log,peers.log}
: >"$timings"

resources=
if [ -n "$checkout" ]; then
    resources=:$checkout/predictors/src/main/resources:$checkout/parity-tests/src/test/resources
elif [ ! -d "$here/tests/parity-tests/fixtures" ]; then
    fail "this bundle is a thin one: name a checkout of SAM2J with --checkout"
fi
for folder in ${resources//:/ }; do
    [ -d "$folder" ] || fail "--checkout: there is no folder $folder"
done
heap=-Xmx$(awk '/MemTotal/ { mb = int($2 / 2048); print (mb > 16000 ? 16000 : mb) "m" }' /proc/meminfo)
java=("$here/jre/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED
    -Djava.awt.headless=true "$heap" -cp "$here/lib/*$resources")
python=$(command -v python3 || true)
end=$((SECONDS + total))
failures=0

say() {
    printf '%s\n' "$*" | tee -a "$report"
}

wanted() {
    [[ ,$only, == *,$1,* ]]
}

# limited SECONDS LOG COMMAND...: runs a command for at most so long, and not beyond the end of everything. Its output
# goes to the log, lines that are timings also to timings.jsonl. Status 124 after the limit, 125 without any time left.
limited() {
    local limit=$1 log=$2 left=$((end - SECONDS)) status stdout=$work/stdout.$BASHPID
    shift 2
    [ "$left" -ge 5 ] || return 125
    [ "$limit" -le "$left" ] || limit=$left
    printf '\n$ %s\n' "$*" >>"$log"
    timeout -k 5 "$limit" "$@" >"$stdout" 2>>"$log"
    status=$?
    grep '^{"what"' "$stdout" >>"$timings"
    cat "$stdout" >>"$log"
    return $status
}

# step TITLE SECONDS LOG COMMAND...: a command with a line in the report.
step() {
    local title=$1 log=$3 start=$SECONDS status text
    shift
    limited "$@"
    status=$?
    case $status in
        0) text=ok ;;
        124 | 137) text="TIMED OUT" ;;
        125) text="skipped, no time left" ;;
        *) text="FAILED with status $status" ;;
    esac
    [ "$status" -eq 0 ] || echo "$title" >>"$work/failed"
    say "$(printf '%-34s %4d s  %s' "$title" $((SECONDS - start)) "$text")"
    # Java's reason; that of tests is told with their counts.
    [ "$status" -eq 0 ] || [[ $log != "$out"/* ]] ||
        tail -n 60 "$log" | grep -m 1 -E 'Exception|Error' | cut -c1-220 | sed 's/^/    /' | tee -a "$report"
    return $status
}

# tests TITLE SECONDS LOG PRECISION FOLDER PATTERN PACKAGE: JUnit tests on the device, with counts and failures.
tests() {
    local title=$1 limit=$2 log=$3 precision=$4 folder=$5 pattern=$6 package=$7 own=$work/log.$4
    : >"$own"
    step "$title" "$limit" "$own" "${java[@]:0:${#java[@]}-1}" \
        "$here/tests/$folder:$here/tests/tensor:$here/tests/cpu:$here/tests/cuda:$here/lib/*:$here/junit/*$resources" \
        "-Ddev.sam2j.test.device=$kind" "-Ddev.sam2j.test.precision=$precision" "-Dsam2j.parity.videos=$videos" \
        -Dsam2j.full=true \
        org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors \
        --fail-if-no-tests --details=testfeed --select-package "$package" --include-classname "$pattern" >"$work/line.$precision"
    cat "$work/line.$precision"
    # Tests whose device is missing are skipped, which is no success here.
    if grep -q '^\[ *0 tests successful' "$own" && grep -q ' s  ok$' "$work/line.$precision"; then
        echo "$title" >>"$work/failed"
        say "    NONE SUCCEEDED: $(grep -m 1 -A1 -E ':: ABORTED' "$own" | tail -n 1 | tr -d '\t' | cut -c1-220)"
    fi
    summarize "$own" | sed 's/^/    /' | tee -a "$report"
    cat "$own" >>"$log"
}

# The counts of a test log, and the first failures with their reasons.
summarize() {
    grep -E '^\[ +[0-9]+ tests (successful|failed|skipped|aborted) ' "$1" | sed 's/[][]//g; s/  */ /g' |
        tr '\n' ',' | sed 's/ ,/,/g; s/,$/\n/; s/^ //'
    grep -A1 ':: FAILED' "$1" | grep -v '^--' | tr -d '\t' | cut -c1-220 | head -n 8
}

facts() {
    echo "machine    $(uname -srm), $(nproc) processors, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
        "$(awk '/MemTotal/ { printf "%d", $2 / 1048576 }' /proc/meminfo) GiB"
    if command -v nvidia-smi >/dev/null; then
        nvidia-smi --query-gpu=index,name,driver_version,memory.total,memory.used,clocks.sm,clocks.max.sm,power.limit \
            --format=csv 2>&1 | sed 's/^/gpu        /'
    else
        echo "gpu        no nvidia-smi"
    fi
    cat /proc/driver/nvidia/version 2>/dev/null | head -n 1
    command -v nvcc >/dev/null && nvcc --version | tail -n 2 | head -n 1
    [ -z "$python" ] || "$python" - <<'PY' 2>&1 | tail -n 3
import sys
print("python    ", sys.version.split()[0], sys.executable)
try:
    import torch
    print("torch     ", torch.__version__, "CUDA", torch.version.cuda, "cuDNN", torch.backends.cudnn.version())
    import transformers
    print("transformers", transformers.__version__)
except Exception as e:
    print("torch     ", e)
PY
    echo
    timeout 30 "${java[@]}" dev.sam2j.cli.Main doctor 2>&1 | grep -v '^WARNING: Using incubator'
}

{
    echo "SAM2J $(head -n 1 "$here/VERSION")"
    sed 1d "$here/VERSION"
    echo "$(date -u '+%Y-%m-%d %H:%M:%S UTC'), device $device, models $models$($quick && echo ', quick')"
} >"$report"
cat "$report"

if wanted facts; then
    say ""
    facts | tee -a "$report"
fi

precisions="fp32 fp16 bf16" best=bf16
[ "$kind" = cuda ] || precisions=fp32 best=fp32
videos='.*' runs=60 frames=200 crowd=1,4,16 points=32 cycles=8
if $quick; then
    videos=video_demo_0 runs=3 frames=3 crowd=1,2 points=4 cycles=4
fi
# The reference exists in the published sizes only.
peer_models=${models//demo/t}
say ""

# Number formats side by side: these are no timings.
beside() {
    local function=$1 precision started=()
    for precision in $precisions; do
        $function "$precision" >"$work/$function.$precision" 2>&1 &
        started+=($!)
    done
    wait "${started[@]}"
    for precision in $precisions; do cat "$work/$function.$precision"; done
}

contract() {
    tests "contract tests $1" 90 "$out/contract.log" "$1" tensor 'dev\.sam2j\.tensor\.contract\.[A-Za-z0-9]*Test' dev.sam2j.tensor.contract
}

parity() {
    local pattern='dev\.sam2j\.parity\..*Test' limit=150
    $quick && pattern='dev\.sam2j\.parity\.(Image|Video)ParityTest'
    [ "$kind" = cuda ] || limit=400
    tests "whole-model parity $1" "$limit" "$out/parity.log" "$1" parity-tests "$pattern" dev.sam2j.parity
}

ours() {
    local title=$1 limit=$2 class=$3
    shift 3
    step "$title" "$limit" "$out/timing.log" "${java[@]}" "dev.sam2j.benchmarks.$class" --device "$device" \
        --precision "$best" --threads 0 "$@"
}

# Sets peer to the command that times PyTorch: peer_command RUNTIME MODEL WHAT OBJECTS.
peer_command() {
    peer=("$python" "$here/peers/peers.py" --device "$kind" --runtimes "$1" --models "$2" --what "$3" --objects "$4"
        --precisions "$best" --runs "$runs" --threads "$(nproc)" --warmup 5)
}

# Compiling takes minutes and little of the device: all sizes at once, while tests run. Each then waits to be timed.
start_compiling() {
    local model peer mode=default
    # Replayed graphs are the fastest that compiles in minutes; only the sam2 package's outputs are safe with them.
    [ "$reference" != pytorch ] || [ "$kind" != cuda ] || mode=reduce-overhead
    for model in ${peer_models//,/ }; do
        peer_command "$reference-compile" "$model" video 1
        timeout -k 5 $((end - SECONDS)) "${peer[@]}" --compile-mode "$mode" --gate "$work/gate.$model" \
            >"$work/compiled.$model" 2>"$work/compiling.$model" &
        compiling[$model]=$!
    done
}

# Until each size is compiled or has failed; what takes too long is stopped.
await_compiled() {
    local model start=$SECONDS
    for model in "${!compiling[@]}"; do
        while kill -0 "${compiling[$model]}" 2>/dev/null && [ ! -e "$work/gate.$model" ]; do
            if [ $((SECONDS - start)) -ge 150 ] || [ $((end - SECONDS)) -lt 60 ]; then
                kill "${compiling[$model]}"
                wait "${compiling[$model]}"
            fi
            sleep 0.2
        done
    done
    say "$(printf '%-34s %4d s' "waited for $reference-compile" $((SECONDS - start)))"
}

time_peers() {
    local model objects peer figures=encoder,click,image,memory,video
    $quick && figures=encoder,click,video
    for model in ${peer_models//,/ }; do
        objects=1
        [ "$model" != "${peer_models%%,*}" ] || objects=$crowd
        peer_command "$reference" "$model" "$figures" "$objects"
        step "$reference $model" 60 "$out/peers.log" "${peer[@]}"
    done
    for model in ${peer_models//,/ }; do
        rm -f "$work/gate.$model"
        step "$reference-compile $model" 30 "$out/peers.log" \
            bash -c 'tail --pid="$1" -f /dev/null; cat "$2" >&2; grep "^{" "$3"' \
            - "${compiling[$model]}" "$work/compiling.$model" "$work/compiled.$model"
    done
}

# Device memory is watched while nothing else uses it.
if wanted leak; then
    step "memory leaks" 60 "$out/leak.log" "${java[@]}" dev.sam2j.benchmarks.LeakCheck --device "$device" \
        --precision "$best" --threads 0 --model "${models%%,*}" --cycles "$cycles"
    grep '^growth' "$out/leak.log" | sed 's/^/    /' | tee -a "$report"
fi
reference=
if wanted peers; then
    if [ -z "$python" ] || ! "$python" -c 'import torch' 2>/dev/null; then
        say "peers: no Python with torch here"
    else
        reference=transformers
        if "$python" -c 'import sam2' 2>/dev/null; then reference=pytorch; fi
        start_compiling
    fi
fi
if wanted contract; then beside contract; fi
if wanted parity; then beside parity; fi
if [ -n "$reference" ]; then await_compiled; fi
if wanted timing; then
    for model in ${models//,/ }; do
        objects=1
        [ "$model" != "${models%%,*}" ] || objects=$crowd
        ours "timing $model: picture" 40 EncoderTiming --model "$model" --what encoder,click,image,memory --runs "$runs"
        ours "timing $model: video" 60 VideoTiming --model "$model" --what video,live \
            --objects "$objects" --runs "$frames"
    done
    ours "timing ${models%%,*}: automatic masks" 40 AutomaticMaskTiming --model "${models%%,*}" --points "$points" --runs 2
fi
if [ -n "$reference" ]; then time_peers; fi

if [ -s "$timings" ]; then
    say ""
    if [ -n "$python" ]; then
        "$python" "$here/peers/table.py" "$timings" 2>&1 | tee -a "$report"
    else
        tee -a "$report" <"$timings"
    fi
fi
say ""
if [ -s "$work/failed" ]; then
    failures=$(wc -l <"$work/failed")
    say "$failures of the steps above did not succeed; everything took $SECONDS s"
    exit 1
fi
say "all steps succeeded; everything took $SECONDS s"
