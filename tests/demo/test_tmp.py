from tests.demo.test_marketplace import *
from tests.demo import test_marketplace as T
def test_x(load):
    load(make.NOW)
    from collections import Counter
    c=Counter(); ex={}
    for of in REMOTE:
        found = read(Shop.objects.get(remote_id=of.remote_id))
        for fact in orders(of, make.NOW):
            a,b=T.got(found[fact.order_id]),meant(fact,of)
            for k in b:
                if a[k]!=b[k]: c[of.region,k]+=1; ex.setdefault((of.region,k),(fact.order_id,fact.stage,a[k],b[k]))
    for k,v in c.items(): print(k,v,ex[k])
