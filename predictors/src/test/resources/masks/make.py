# Makes the mask pictures of this folder with NumPy, OpenCV, Pillow, tifffile, pngquant and ImageMagick; run it here.
import subprocess, numpy as np, cv2, tifffile
from PIL import Image
W, H = 120, 90
y, x = np.mgrid[0:H, 0:W]
disk = (x - 40) ** 2 + (y - 40) ** 2 < 25 ** 2
box = (x >= 80) & (x < 110) & (y >= 50) & (y < 80)
m = disk | box
m8 = (m * 255).astype(np.uint8)
cv2.imwrite('plain.png', m8)
Image.fromarray(m8).convert('RGB').quantize(2).save('pil_quantize2.png')
Image.fromarray(m8).convert('1').save('pil_1bit.png')
subprocess.run(['pngquant', '2', '--force', '--output', 'pngquant2.png', 'plain.png'], check=True)
subprocess.run(['convert', 'plain.png', '-type', 'bilevel', 'im_bilevel.tif'], check=True)
subprocess.run(['convert', 'plain.png', '-colorspace', 'gray', '-depth', '16', 'im_16bit.tif'], check=True)
subprocess.run(['convert', 'plain.png', 'im_mask.bmp'], check=True)
cv2.imwrite('cv_rgb.png', cv2.cvtColor(m8, cv2.COLOR_GRAY2BGR))
cv2.imwrite('cv_16bit.png', m.astype(np.uint16) * 65535)
cv2.imwrite('values01.png', m.astype(np.uint8))
cv2.imwrite('values01.tif', m.astype(np.uint16))
cv2.imwrite('jpeg75.jpg', m8, [cv2.IMWRITE_JPEG_QUALITY, 75])
soft = cv2.GaussianBlur(m8, (0, 0), 4)
cv2.imwrite('soft.png', soft)
subprocess.run(['pngquant', '16', '--force', '--output', 'soft_pngquant16.png', 'soft.png'], check=True)
tifffile.imwrite('probability_f32.tif', cv2.GaussianBlur(m.astype(np.float32), (0, 0), 4), compression='zlib')
tifffile.imwrite('float255.tif', soft.astype(np.float32), compression='zlib')
rgba = np.zeros((H, W, 4), np.uint8); rgba[..., 3] = m8
Image.fromarray(rgba).save('alpha_only.png')
rgba[..., :3] = 255; rgba[..., 3] = soft
Image.fromarray(rgba).save('alpha_soft_white.png')
Image.fromarray(np.dstack([np.full((H, W), 200, np.uint8), m8]), 'LA').save('grey_alpha.png')
red = np.zeros((H, W, 3), np.uint8); red[..., 0] = m8
Image.fromarray(red).save('red.png')
Image.fromarray(red).save('red_75.jpg', quality=75)
Image.fromarray(cv2.GaussianBlur(red, (0, 0), 1)).save('red_soft.png')
voc = []
for i in range(256):
    c = [0, 0, 0]
    for j in range(8):
        for k in range(3): c[k] |= ((i >> (3 * j + k)) & 1) << (7 - j)
    voc += c
labels = np.zeros((H, W), np.uint8); labels[disk] = 1; labels[box] = 2
p = Image.fromarray(labels); p.putpalette(voc); p.save('davis.png')
void = cv2.dilate(m.astype(np.uint8), np.ones((5, 5))).astype(bool) & ~m
labels[void] = 255
p = Image.fromarray(labels); p.putpalette(voc); p.save('davis_void.png')
cv2.imwrite('grey_void.png', labels)
p.convert('RGB').save('davis_void_rgb.png')
# the same picture after a tool sorted its palette: 0 is the box, 1 black, 2 the disk, 3 void
q = np.ones((H, W), np.uint8); q[box] = 0; q[disk] = 2; q[void] = 3
p = Image.fromarray(q); p.putpalette(voc[6:9] + voc[0:3] + voc[3:6] + voc[765:768]); p.save('davis_resorted.png')
p = Image.fromarray(np.where(m, 0, 1).astype(np.uint8)); p.putpalette([255, 255, 255, 0, 0, 0]); p.save('inverted_palette.png')
big = np.zeros((H, W), np.int32); big[m] = 70000
tifffile.imwrite('labels70000.tif', big, compression='zlib')
tifffile.imwrite('logits_f32.tif', np.where(m, 7.5, -8.25).astype(np.float32), compression='zlib')
cv2.imwrite('grey_areas.png', np.where(disk, 100, np.where(box, 200, 0)).astype(np.uint8))
cut = np.dstack([(x * 2).astype(np.uint8), (y * 2).astype(np.uint8), np.full((H, W), 90, np.uint8), m8])
Image.fromarray(cut).save('cutout.png')
Image.fromarray(m8).save('turned.tif', tiffinfo={274: 6})
try:
    Image.fromarray(m8).convert('RGB').save('webp_lossy.webp', quality=75)
except Exception as e: print(e)
cv2.imwrite('grey100.jpg', m8 // 255 * 100, [cv2.IMWRITE_JPEG_QUALITY, 75])
cv2.imwrite('very_soft.png', cv2.GaussianBlur(m8, (0, 0), 9))
subprocess.run(['pngquant', '8', '--force', '--output', 'soft_pngquant8.png', 'very_soft.png'], check=True)
Image.fromarray(red // 2).save('dark_red.jpg', quality=75)
noise = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (H, W, 3), np.uint8), (0, 0), 3)
cv2.imwrite('picture.png', cv2.normalize(noise, None, 0, 255, cv2.NORM_MINMAX))
np.save('bool.npy', m)
np.save('uint8_columns.npy', np.asfortranarray(m8))
np.save('int16_big.npy', m.astype('>i2')[None])
np.save('masks3.npy', np.zeros((3, 4, 5), np.uint8))
np.save('logits.npy', np.full((2, 2), -3.5, np.float32))
open('cut.npy', 'wb').write(open('bool.npy', 'rb').read()[:500])
rgba[..., 3] = m8
cv2.imwrite('alpha_untagged.tif', rgba)
cv2.imwrite('alpha.bmp', rgba)
Image.fromarray(rgba).save('alpha_lossy.webp')
Image.fromarray(rgba).save('alpha.jp2')
