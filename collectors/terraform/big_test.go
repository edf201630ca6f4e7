package terraform
import ("testing";"os";"github.com/muster-audit/muster/inventory";"time";"fmt")
func TestBig(t *testing.T){ dir:=t.TempDir(); if err:=generateLarge(dir, 500000);err!=nil{t.Fatal(err)}
 i,_:=os.Stat(dir+"/big.tfstate"); st:=time.Now(); var out counter
 if err:=newCollector(t,dir,&Options{}).Collect(t.Context(), inventory.Scope{ID:"big.tfstate"},&out);err!=nil{t.Fatal(err)}
 b,_:=os.ReadFile("/proc/self/status"); fmt.Println(i.Size()>>20,"MiB",out.assets,time.Since(st)); for _,l:=range []string{string(b)}{fmt.Println(l)} }
