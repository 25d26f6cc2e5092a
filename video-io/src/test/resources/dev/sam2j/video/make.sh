#!/usr/bin/env bash
# Makes the files beside it with ffmpeg 5.1 and writes frames.csv with what ffprobe counts. Needed by no test.
set -eu
F="ffmpeg -hide_banner -loglevel error -y"
S="-f lavfi -i testsrc2=size=96x64:rate=25:duration=1"
A="-f lavfi -i sine=frequency=440:duration=1"
X="-c:v libx264 -crf 38 -pix_fmt yuv420p -g 8 -bf 2"
Q="-q:v 12 -g 8"
$F $S $X h264.mp4
$F $S -c:v libx265 -crf 38 -x265-params log-level=error:keyint=8:open-gop=1 -pix_fmt yuv420p hevc_opengop.mp4
$F $S -c:v libaom-av1 -crf 50 -cpu-used 8 -pix_fmt yuv420p -g 8 av1.mp4
$F $S -c:v mpeg4 -bf 2 $Q mpeg4.mov
$F $S $A $X -c:a aac -b:a 32k h264.mkv
$F $S -c:v libvpx -b:v 60k -g 8 vp8.webm
$F $S -c:v libvpx-vp9 -crf 50 -b:v 0 -g 8 -pix_fmt yuv420p vp9.webm
$F $S -c:v mjpeg -q:v 25 -pix_fmt yuvj420p mjpeg.avi
$F $S -c:v libxvid -bf 2 $Q xvid.avi
$F -itsscale 1 -i h264.mp4 -c copy -video_track_timescale 50 half.mov
$F -i half.mov -c copy empty_chunks.avi
$F $S -c:v mpeg2video -bf 2 $Q mpeg2.mpg
$F $S $A $X -c:a mp2 -b:a 32k h264.ts
$F -f lavfi -i testsrc2=size=128x96:rate=25:duration=0.4 $X size.ts
cat h264.ts size.ts > changed_size.ts
$F $S -c:v flv $Q flv.flv
$F $S -vf scale=48:32 -r 10 gif.gif
$F $S -vf scale=48:32 -r 10 -f apng apng.png
$F $S -c:v libtheora -q:v 1 -g 8 theora.ogv
$F $S -c:v wmv2 $Q wmv2.wmv
$F $S $X -flags +ildct+ilme -x264opts tff=1 interlaced.mp4
$F $S -c:v libx264 -crf 38 -pix_fmt yuv420p -x264opts intra-refresh=1:bframes=0 -g 8 intra_refresh.mp4
$F -ss 0.3 -i h264.mp4 -c copy edit_list.mp4
$F -i h264.mp4 -c copy -metadata:s:v:0 rotate=90 rotated.mp4
$F $S -vf "select='lt(n,8)+not(mod(n,5))'" -fps_mode vfr $X variable.mp4
$F $S $X -movflags frag_keyframe+empty_moov fragments.mp4
$F $S $X raw.h264
$F -f lavfi -i testsrc2=size=32x32:rate=1:duration=1 -frames:v 1 cover.jpg
$F $A -i cover.jpg -map 0 -map 1 -c:a aac -b:a 16k -c:v copy -disposition:v attached_pic cover.m4a
$F $S $A -i cover.jpg -map 2 -map 0 -map 1 -c:v:0 copy -disposition:v:0 attached_pic \
    -c:v:1 libx264 -crf 38 -pix_fmt:v:1 yuv420p -c:a aac -b:a 16k film_and_cover.mp4
$F $S -c:v libx264 -crf 38 -pix_fmt yuv444p10le -g 8 ten_bits.mp4
$F $S $X -an plain.ts
python3 - <<'P'
import random
random.seed(3)
data = open('plain.ts', 'rb').read()
packets = [data[i:i + 188] for i in range(0, len(data), 188)]
open('lossy.ts', 'wb').write(b''.join(p for i, p in enumerate(packets) if i < 12 or random.random() > 0.12))
for name in ('h264.mkv', 'mjpeg.avi', 'fragments.mp4', 'vp9.webm', 'apng.png'):
    data = open(name, 'rb').read()
    open('cut_' + name, 'wb').write(data[:len(data) * 6 // 10])
data = bytearray(open('h264.mp4', 'rb').read())
for _ in range(8):
    data[random.randrange(len(data) // 4, len(data) * 3 // 4)] ^= 255
open('broken.mp4', 'wb').write(data)
P
rm -f plain.ts size.ts cover.jpg half.mov
for f in *.*; do
    case $f in *.sh | *.md | *.csv | cover.m4a) continue ;; esac
    echo "$f,$(ffprobe -v error -select_streams V:0 -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$f" |
        head -1 | tr -d ',')"
done > frames.csv
