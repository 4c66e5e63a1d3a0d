"""The answer of the resume profile for an invented person, as a model would
give it: the tests' own copy of the truth."""


def shape(p):
    jobs = p.get("jobs", [])
    skills = p.get("skills", [])
    return {
        "first_name": p.get("first"), "middle_name": None,
        "last_name": p.get("last"),
        "emails": [p["email"]] if p.get("email") else [],
        "phones": [p["phone"]] if p.get("phone") else [],
        "linkedin": None, "address": None,
        "city": p["city"].split(", ")[0] if p.get("city") else None,
        "state": p["city"].split(", ")[1] if p.get("city") else None,
        "zipcode": None, "bachelors": None, "masters": None,
        "certifications": [],
        "positions": [{"company": j["company"], "location": j["location"],
                       "start": j["start"], "end": j["end"]} for j in jobs],
        "titles": sorted({j["title"] for j in jobs})[:3],
        "industries": ["Information Technology", "Software"],
        "categories": ["Data Engineering", "Software Engineering"],
        "skills": skills[:10],
        "software_languages": skills[:3], "software_apps": skills[3:8],
        "hardware": [], "project_types": ["migration", "integration"],
        "specialty": p.get("specialty"), "summary": p.get("summary"),
        "years_of_experience": None, "average_tenure": None,
        "length_in_us": None,
    }
