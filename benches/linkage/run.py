"""run.py SET,SET... [option ...]: runs the bench program `linkage` on labelled sets and scores it.

ER_DATA holds NAME/records.csv and NAME/truth.csv; LINKAGE names the program; ER_OUT is where results go.
One line a set: candidates and their recall; F1 at the best threshold, at the default (p >= .5) and at .95; the share of
true pairs among those said to be >= .95; B-cubed, pairs and largest cluster of the clusters; what was learnt; time.
"""
import sys,csv,subprocess,os,json,time,resource,sets
from collections import Counter
BIN=os.environ["LINKAGE"]; D=os.environ["ER_DATA"]; OUT=os.environ["ER_OUT"]
f1=lambda p,r: 2*p*r/(p+r) if p+r else 0
def clus(cl,ent):
    c,e,b=Counter(cl.values()),Counter(ent.values()),Counter((cl[i],ent[i]) for i in cl); n=len(cl)
    bp=sum(v*v/c[x] for (x,y),v in b.items())/n; br=sum(v*v/e[y] for (x,y),v in b.items())/n
    pr=lambda q:sum(v*(v-1)/2 for v in q.values()); tp,PP,T=pr(b),pr(c),pr(e)
    return bp,br,f1(bp,br),(f1(tp/PP if PP else 1,tp/T) if T else 1),max(c.values())
def one(name,extra=()):
    cmp,opt=sets.of(name); out=f"{OUT}/{name}"
    t=time.time(); r0=resource.getrusage(resource.RUSAGE_CHILDREN)
    p=subprocess.run([BIN,f"{D}/{name}/records.csv",out,cmp,*opt,*extra],capture_output=True,text=True)
    r1=resource.getrusage(resource.RUSAGE_CHILDREN); wall=time.time()-t
    if p.returncode: print(name,"FAILED",p.stderr[-600:]); return
    cpu=r1.ru_utime+r1.ru_stime-r0.ru_utime-r0.ru_stime
    ent={r["unique_id"]:r["entity_id"] for r in csv.DictReader(open(f"{D}/{name}/records.csv"))}
    truth={(a,b) for a,b in list(csv.reader(open(f"{D}/{name}/truth.csv")))[1:]}
    ps=[]; tp=0
    for r in csv.DictReader(open(out+"/pairs.csv")):
        k=(min(r["id_l"],r["id_r"]),max(r["id_l"],r["id_r"])); ps.append((float(r["score"]),k in truth))
    T=len(truth); cand=sum(y for _,y in ps)/T
    ps.sort(key=lambda x:-x[0])
    best=(0,0); n=tp=0; i=0
    while i<len(ps):
        w=ps[i][0]
        while i<len(ps) and ps[i][0]==w: tp+=ps[i][1]; n+=1; i+=1
        f=2*tp/(n+T)
        if f>best[0]: best=(f,w,tp/n,tp/T)
    d=[y for w,y in ps if w>=0]; df=2*sum(d)/(len(d)+T) if d else 0
    s=[y for w,y in ps if w>=4.2479]; cal=sum(s)/len(s) if s else 1
    d95=2*sum(s)/(len(s)+T)
    cl={r["id"]:r["cluster"] for r in csv.DictReader(open(out+"/clusters.csv"))}
    bp,br,bf,cf,mx=clus(cl,ent); st=json.load(open(out+"/stats.json"))
    print(f"{name:14s} cand {len(ps):7d} {cand:.3f} | best {best[0]:.4f} (w {best[1]:.1f} p {best[2]:.3f} r {best[3]:.3f}) | def {df:.4f} (p {sum(d)/max(1,len(d)):.3f}) @.95 {d95:.3f} | cal95 {cal:.3f} | b3 {bf:.4f} p{bp:.3f} r{br:.3f} clF {cf:.4f} max {mx}/{max(Counter(ent.values()).values())} | M {st['matches']:.0f} rel {[(a[0],round(a[1])) for a in st['related']]} est p{st['precision']:.3f} r{st['recall']:.3f} | {st['resolve_s']:.2f}s cpu {cpu:.2f} {' '.join(str(list(x)[0] if isinstance(x,dict) else x) for x in st['notes'])}",flush=True)
for n in sys.argv[1].split(","): one(n,sys.argv[2:])
