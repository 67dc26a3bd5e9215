"""What is compared in each labelled set, and whether its two sources are linked. Seeds beside those named are of the
same generators: `people_S` and `orgs_S` for any S."""
P = "first_name=given name,surname=surname,dob=date,city=exact,email=email,phone=phone"
O = "name=organisation,address=address,city=exact,postcode=postcode,phone=phone,email=email,website=host"
F = ("given_name=given name,surname=surname,street_number=exact,address_1=address,suburb=exact,postcode=postcode,"
     "state=exact,date_of_birth=date,soc_sec_id=number")
SETS = {
    "chicago_sites": ("site name=organisation,address=address,zip=postcode,phone=phone", []),
    "fodors_zagats": ("name=organisation,addr=address,city=exact,phone=phone", ["link"]),
    "dblp_acm": ("title=text,authors=text,venue=text,year=exact", ["link"]),
    "cora": ("author=text,title=text,venue=text,year=exact,pages=text", []),
    "febrl1": (F, []), "febrl2": (F, []), "febrl3": (F, []), "febrl4": (F, ["link"]),
}


def of(name):
    """The comparisons of a set, and its options."""
    known = {"people": (P, []), "orgs": (O, [])}
    return SETS[name] if name in SETS else known[name.split("_")[0]]
