from tests.lead.conftest import *
import pytest
PAGES = ["", "/story","/place","/goal","/budget","/needs","/milestones","/people","/pictures","/words/en","/words/de","/preview","/preview?lang=de","/versions","/helpers","/submit","/turn/withdraw","/turn/close","/extend","/complete"]
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_smoke(leader, draft, helper):
    print(draft, len(leader.get("/lead").text.encode()))
    for p in PAGES:
        a = leader.get(f"/lead/projects/{draft}{p}")
        b = helper.get(f"/lead/projects/{draft}{p}")
        print(p, a.status_code, b.status_code, len(a.data))
        if a.status_code!=200: print(a.text[:300])
    assert leader.get("/lead/projects/new").status_code==200
    for step in ["story","place","goal","budget","needs","milestones","people","pictures"]:
        r = leader.save(draft, step, then="next")
        print(step, r.status_code, r.location)
        if r.status_code!=303: print(r.text[r.text.find('errors"'):][:800])
    r = leader.send(f"/lead/projects/{draft}/submit","send", words="Please read")
    print(r.status_code, r.location)
