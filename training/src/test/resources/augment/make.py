"""Makes pillow.txt (pictures changed by Pillow) and torch.txt (masks scaled by PyTorch).
usage: make.py pillow|torch > FILE"""
import math, sys
import numpy as np

def picture(w, h):
    return np.array([[[(x * 31 + y * 57 + c * 83 + x * y * 7) % 256 for c in range(3)] for x in range(w)] for y in range(h)], np.uint8)

def affine(image, degrees, shear):
    from PIL import Image
    rot, sx = math.radians(degrees), math.radians(shear)
    a, b, c, d = math.cos(rot), -math.cos(rot) * math.tan(sx) - math.sin(rot), math.sin(rot), -math.sin(rot) * math.tan(sx) + math.cos(rot)
    cx, cy = image.width * 0.5, image.height * 0.5
    m = [d, -b, 0.0, -c, a, 0.0]
    m[2] += m[0] * -cx + m[1] * -cy + cx
    m[5] += m[3] * -cx + m[4] * -cy + cy
    return image.transform(image.size, Image.AFFINE, m, Image.BILINEAR, fillcolor=(123, 116, 103))

def pillow():
    from PIL import Image, ImageEnhance
    image = Image.fromarray(picture(9, 7))
    print("# kind, factors, bytes of the changed picture of 9x7 pixels that make.py describes")
    for name, kind, factors in (("BRIGHTNESS", ImageEnhance.Brightness, (0.9, 1.1, 1.05)), ("CONTRAST", ImageEnhance.Contrast, (0.95, 1.05, 0.97)), ("SATURATION", ImageEnhance.Color, (0.95, 1.05, 0))):
        for f in factors: print(name, f, np.asarray(kind(image).enhance(f)).tobytes().hex())
    for degrees, shear in ((25, 20), (-13.3, 7.7), (10, 0), (0, -20)): print("WARP", f"{degrees},{shear}", np.asarray(affine(image, degrees, shear)).tobytes().hex())

def torch():
    import torch
    r = np.random.default_rng(3)
    print("# width, height, side, pixels, pixels scaled by interpolate(mode=bilinear, antialias=True) > 0.5, ? where it is 0.5 but for rounding")
    for w, h, side in ((8, 8, 16), (16, 16, 8), (13, 7, 11), (40, 30, 16), (5, 31, 24), (64, 48, 17), (1, 1, 4), (30, 3, 3)):
        for density in (0.5, 0.1):
            mask = (torch.nn.functional.avg_pool2d(torch.tensor(r.random((1, 1, h, w), dtype=np.float32)), 3, 1, 1) < 0.25 + 0.5 * density) if min(w, h) > 3 else torch.tensor(r.random((1, 1, h, w)) < density)
            out = torch.nn.functional.interpolate(mask.double(), (side, side), mode="bilinear", antialias=True).flatten()
            print(w, h, side, "".join(map(str, mask.flatten().int().tolist())), "".join("?" if abs(v - 0.5) < 1e-6 else str(int(v > 0.5)) for v in out.tolist()))

dict(pillow=pillow, torch=torch)[sys.argv[1]]()
