# Makes grid.heic: 2x2 tiles of 64x64 cut to 120x100, turned (irot 3), from four HEIC files of heif-enc.
import struct,subprocess,sys
from PIL import Image
def boxes(d,a,b):
    while a+8<=b:
        n,t=struct.unpack('>I4s',d[a:a+8]); yield t,a,a+n; a+=n
def get(d,path,a=0,b=None):
    b=len(d) if b is None else b
    for t,x,y in boxes(d,a,b):
        if t==path[0]:
            if len(path)==1: return d[x:y]
            return get(d,path[1:],x+(12 if t in(b'meta',) else 8),y)
def box(t,p): return struct.pack('>I4s',8+len(p),t)+p
def full(t,v,f,p): return box(t,struct.pack('>I',v<<24|f)+p)
rot=int(sys.argv[1]); out=sys.argv[2]
im=Image.open('base.png').convert('RGB').crop((100,60,228,188))
data=[];hv=None
for i in range(4):
    x,y=i%2*64,i//2*64
    im.crop((x,y,x+64,y+64)).save('t.png'); subprocess.run(['heif-enc','-q','70','t.png','-o','t.heic'],capture_output=True)
    d=open('t.heic','rb').read(); h=get(d,[b'meta',b'iprp',b'ipco',b'hvcC']); hv=hv or h; assert h==hv
    col=get(d,[b'meta',b'iprp',b'ipco',b'colr'])
    data.append(get(d,[b'mdat'])[8:])
ispe=lambda w,h: full(b'ispe',0,0,struct.pack('>II',w,h))
ipco=box(b'ipco',hv+ispe(64,64)+ispe(120,100)+box(b'irot',bytes([rot]))+(col or b''))
n=b'\x05' if col else b''
ipma=full(b'ipma',0,0,struct.pack('>I',5)+b''.join(struct.pack('>HB',i+1,3 if col else 2)+b'\x81\x02'+n for i in range(4))+struct.pack('>HB',5,2)+b'\x03\x84')
infe=lambda i,t,f: full(b'infe',2,f,struct.pack('>HH4sB',i,0,t,0))
iinf=full(b'iinf',0,0,struct.pack('>H',5)+b''.join(infe(i+1,b'hvc1',1) for i in range(4))+infe(5,b'grid',0))
iref=full(b'iref',0,0,box(b'dimg',struct.pack('>HH4H',5,4,1,2,3,4)))
g=struct.pack('>BBBBHH',0,0,1,1,120,100)
def meta(off):
    ent=b''
    o=off
    for i in range(4):
        ent+=struct.pack('>HHHHII',i+1,0,0,1,o,len(data[i])); o+=len(data[i])
    ent+=struct.pack('>HHHHII',5,1,0,1,0,len(g))
    iloc=full(b'iloc',1,0,struct.pack('>BBH',0x44,0,5)+ent)
    return full(b'meta',0,0,full(b'hdlr',0,0,struct.pack('>I4s12x',0,b'pict')+b'\0')+full(b'pitm',0,0,struct.pack('>H',5))+iloc+iinf+iref+box(b'iprp',ipco+ipma)+box(b'idat',g))
ft=box(b'ftyp',b'heic\0\0\0\0mif1heic')
m=meta(0); m=meta(len(ft)+len(m)+8)
open(out,'wb').write(ft+m+box(b'mdat',b''.join(data)))
