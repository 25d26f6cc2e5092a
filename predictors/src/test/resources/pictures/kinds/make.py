"""Makes the pictures of this folder and expected.txt: values that other programs read from them.

Needs numpy, opencv-python 5, pillow, tifffile with imagecodecs, ImageMagick's convert, cwebp, and ffmpeg; the tests need nothing of it.
"""

import os
import subprocess

import cv2
import numpy as np
import tifffile
from PIL import Image

os.chdir(os.path.dirname(os.path.abspath(__file__)))
W, H = 61, 43
y, x = np.mgrid[0:H, 0:W].astype(float)
rng = np.random.default_rng(16)
rgb = np.stack([40 + 3 * x, 230 - 4 * y, 90 + 60 * np.sin(x / 5) * np.cos(y / 4)], -1)
rgb[(x - 20) ** 2 + (y - 18) ** 2 < 110] = (220, 40, 60)
rgb[28:38, 35:55] = (20, 90, 210)
rgb[5:12, 40:58] = (250, 250, 245)
rgb = np.clip(rgb + rng.normal(0, 4, rgb.shape), 0, 255).round().astype(np.uint8)
grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
grey[0, 0], grey[0, 1] = 0, 255
img = Image.fromarray(rgb)
lines = []


def expect(name, values, tool):
    """Size, mean of each channel and 24 pixels, as the tool has them."""
    v = np.asarray(values)
    if v.ndim == 2:
        v = np.dstack([v] * 3)
    points = np.random.default_rng(len(name)).integers(0, [v.shape[1], v.shape[0]], (24, 2))
    pixels = " ".join("%d,%d:%d,%d,%d" % (px, py, *v[py, px]) for px, py in points)
    mean = ",".join("%.2f" % m for m in v.astype(float).mean((0, 1)))
    lines.append(f"{name} {tool} {v.shape[1]}x{v.shape[0]} {mean} {pixels}")


def opencv(name):
    v = cv2.imread(name, cv2.IMREAD_COLOR)
    assert v is not None, name
    expect(name, v[:, :, ::-1], "OpenCV")


def pillow(name):
    expect(name, np.asarray(Image.open(name).convert("RGB")), "Pillow")


def scaled(name, low, high):
    """tifffile's samples, spread from low to high."""
    v = tifffile.imread(name).astype(float)
    if v.ndim == 3 and v.shape[0] == 3:
        v = v.transpose(1, 2, 0)
    expect(name, np.clip((v - low) / (high - low) * 255, 0, 255).round(), "tifffile")


def write(name, data, check, *args, **options):
    options.setdefault("photometric", "rgb" if data.ndim == 3 else "minisblack")
    options.setdefault("software", False)
    options.setdefault("metadata", None)
    tifffile.imwrite(name, data, **options)
    check(name, *args)


def convert(name, check, *args, options=()):
    cv2.imwrite("base.ppm", rgb[:, :, ::-1])
    subprocess.run(["convert", "base.ppm", "-strip", *options, name], check=True)
    check(name, *args)


def original(name, *shape):
    expect(name, rgb, "the picture it was made of")


# TIFF: compression, predictor, layout
for compression in ("none", "lzw", "zlib", "packbits"):
    write(f"tiff_rgb_{compression}.tif", rgb, opencv, compression=None if compression == "none" else compression)
write("tiff_rgb_zstd.tif", rgb, pillow, compression="zstd")
write("tiff_rgb_webp.tif", rgb, original, compression="webp", compressionargs={"lossless": True})
write("tiff_rgb_jpeg.tif", rgb, opencv, compression="jpeg", tile=(32, 32))
write("tiff_grey_jpeg.tif", grey, opencv, compression="jpeg")
img.save("tiff_ycbcr_jpeg.tif", compression="jpeg"); opencv("tiff_ycbcr_jpeg.tif")
for compression in (None, "lzw", "zlib", "zstd"):
    options = {"compression": compression, "predictor": True} if compression else {}
    write(f"tiff_16_{compression}_predictor.tif", grey.astype(np.uint16) * 257, scaled, 0, 65535, **options)
write("tiff_rgb_predictor_tiles.tif", rgb, opencv, compression="zlib", predictor=True, tile=(16, 48))
write("tiff_rgb_planes.tif", rgb.transpose(2, 0, 1), opencv, planarconfig="separate", compression="lzw")
write("tiff_rgb_planes_tiles.tif", rgb.transpose(2, 0, 1), opencv, planarconfig="separate", tile=(16, 16))
write("tiff_rgb_rows.tif", rgb, opencv, rowsperstrip=5, compression="zlib")
write("tiff_rgb_big.tif", rgb, opencv, bigtiff=True, compression="zlib")
write("tiff_rgb_big_endian16.tif", rgb.astype(np.uint16) * 257, opencv, byteorder=">", compression="zlib", predictor=True)
write("tiff_rgb16_planes.tif", rgb.transpose(2, 0, 1).astype(np.uint16) * 257, opencv, planarconfig="separate", compression="zlib", predictor=True)
write("tiff_rgba.tif", np.dstack([rgb, grey]), pillow, extrasamples=["unassalpha"])
write("tiff_white_is_zero.tif", 255 - grey, opencv, photometric="miniswhite")
convert("tiff_lsb_first.tif", opencv, options=("-compress", "None", "-define", "tiff:fill-order=lsb"))
convert("tiff_imagemagick16.tif", opencv, options=("-depth", "16", "-compress", "LZW"))
cv2.imwrite("tiff_opencv16.tif", grey.astype(np.uint16) * 257); opencv("tiff_opencv16.tif")
# TIFF: depth and type of samples
for bits in (2, 4):
    convert(f"tiff_grey{bits}.tif", pillow, options=("-colorspace", "Gray", "-depth", str(bits)))
for bits in (10, 12, 14):
    convert(f"tiff_rgb{bits}.tif", original, options=("-depth", str(bits)))
convert("tiff_rgb24.tif", original, options=("-depth", "24"))
convert("tiff_rgb32.tif", original, options=("-depth", "32"))
g = grey.astype(float)
for kind in ("uint32", "int16", "int32", "uint64", "int64"):
    write(f"tiff_{kind}_to255.tif", grey.astype(kind), scaled, 0, 255)
write("tiff_int8.tif", (grey.astype(int) - 128).astype(np.int8), scaled, -128, 127)
write("tiff_int16.tif", ((grey.astype(int) - 128) * 256).astype(np.int16), scaled, -32768, 32767)
write("tiff_uint32.tif", grey.astype(np.uint32) * 16843009, scaled, 0, 4294967295)
for kind in ("float16", "float32", "float64"):
    write(f"tiff_{kind}.tif", (g / 255).astype(kind), scaled, 0, 1)
    write(f"tiff_{kind}_predictor.tif", (g / 255).astype(kind), scaled, 0, 1, compression="zlib", predictor=True)
write("tiff_float32_lzw_predictor.tif", (g / 255).astype(np.float32), scaled, 0, 1, compression="lzw", predictor=True)
write("tiff_float32_big_endian.tif", (g / 255).astype(np.float32), scaled, 0, 1, byteorder=">", compression="zlib", predictor=True)
write("tiff_float32_to255.tif", grey.astype(np.float32), scaled, 0, 255)
write("tiff_float32_rgb.tif", (rgb / 255).astype(np.float32), scaled, 0, 1)
wide = (g * 3.5 - 200).astype(np.float32)
write("tiff_float32_wide.tif", wide, scaled, *np.percentile(wide, [0.1, 99.9]))
twelve = grey.astype(np.uint16) * 16
write("tiff_12in16.tif", twelve, scaled, *np.percentile(twelve, [0.1, 99.9]))
# TIFF: colours
img.convert("CMYK").save("tiff_cmyk.tif", compression="tiff_lzw"); opencv("tiff_cmyk.tif")
convert("tiff_cmyk16.tif", original, options=("-colorspace", "CMYK", "-depth", "16"))
convert("tiff_cmyk_planes.tif", opencv, options=("-colorspace", "CMYK", "-interlace", "plane"))
convert("tiff_lab16.tif", original, options=("-colorspace", "Lab", "-depth", "16"))
img.convert("LAB").save("tiff_lab.tif"); pillow("tiff_lab.tif")
img.quantize(200).save("tiff_palette.tif", compression="tiff_deflate"); opencv("tiff_palette.tif")
for fax in ("group3", "group4", "tiff_ccitt"):
    img.convert("1").save(f"tiff_{fax}.tif", compression=fax); opencv(f"tiff_{fax}.tif")
img.convert("1").save("tiff_bits.tif"); opencv("tiff_bits.tif")
# TIFF: several pictures
with tifffile.TiffWriter("tiff_thumbnail_first.tif") as w:
    w.write(rgb[::4, ::4], photometric="rgb", subfiletype=1, metadata=None)
    w.write(rgb, photometric="rgb", metadata=None)
original("tiff_thumbnail_first.tif")
# PNG
for mode in ("L", "P", "1", "RGBA", "LA"):
    picture = img.copy()
    if "A" in mode:
        picture.putalpha(Image.fromarray(grey))
    picture.convert(mode).save(f"png_{mode}.png"); opencv(f"png_{mode}.png")
cv2.imwrite("png_rgb16.png", rgb[:, :, ::-1].astype(np.uint16) * 257); opencv("png_rgb16.png")
convert("png_interlaced.png", opencv, options=("-interlace", "PNG"))
convert("png_grey2.png", opencv, options=("-colorspace", "gray", "-depth", "2", "-define", "png:bit-depth=2"))
# BMP, GIF, PNM
for mode in ("RGB", "L", "P", "1"):
    img.convert(mode).save(f"bmp_{mode}.bmp"); opencv(f"bmp_{mode}.bmp")
convert("bmp_565.bmp", pillow, options=("-define", "bmp:subtype=RGB565"))
convert("bmp_palette4.bmp", opencv, options=("-colors", "16"))
convert("bmp_run_lengths.bmp", pillow, options=("-colors", "200", "-compress", "RLE"))
img.convert("P").save("gif.gif"); opencv("gif.gif")
img.save("gif_interlaced.gif", interlace=1); opencv("gif_interlaced.gif")
img.convert("P").save("gif_animated.gif", save_all=True, append_images=[img.transpose(0).convert("P")]); opencv("gif_animated.gif")
img.save("pnm.ppm"); opencv("pnm.ppm")
img.convert("L").save("pnm.pgm"); opencv("pnm.pgm")
img.convert("1").save("pnm.pbm"); opencv("pnm.pbm")
cv2.imwrite("pnm16.pgm", grey.astype(np.uint16) * 257); opencv("pnm16.pgm")
convert("pnm_plain.ppm", pillow, options=("-compress", "none"))
convert("pnm_plain.pbm", opencv, options=("-monochrome", "-compress", "none"))
# JPEG
for name, options in {"444": {"subsampling": 0}, "422": {"subsampling": 1}, "420": {"subsampling": 2}, "progressive": {"progressive": True}}.items():
    img.save(f"jpeg_{name}.jpg", quality=80, **options); opencv(f"jpeg_{name}.jpg")
img.convert("L").save("jpeg_grey.jpg"); opencv("jpeg_grey.jpg")
img.convert("CMYK").save("jpeg_cmyk.jpg"); opencv("jpeg_cmyk.jpg")
# WebP
for quality in (5, 50, 75, 95):
    img.save(f"webp_{quality}.webp", quality=quality); opencv(f"webp_{quality}.webp")
convert("webp_simple_filter.webp", opencv, options=("-quality", "30", "-define", "webp:filter-type=0", "-define", "webp:filter-strength=90"))
convert("webp_sharp.webp", opencv, options=("-quality", "40", "-define", "webp:filter-sharpness=5", "-define", "webp:partitions=2"))
img.save("webp_lossless.webp", lossless=True); opencv("webp_lossless.webp")
picture = img.copy(); picture.putalpha(Image.fromarray(grey))
picture.save("webp_alpha.webp", quality=80); opencv("webp_alpha.webp")
picture.save("webp_alpha_lossless.webp", lossless=True, exact=True); opencv("webp_alpha_lossless.webp")
img.save("webp_animated.webp", save_all=True, append_images=[img.transpose(0)], duration=100); opencv("webp_animated.webp")

os.remove("base.ppm")
with open("expected.txt", "w") as f:
    f.write("\n".join(lines) + "\n")
