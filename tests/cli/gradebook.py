"""A small school: two achievements, three students, and a file of eight results, half of which is wrong."""

from __future__ import annotations

ACHIEVEMENTS = """
rubrics:
  writing:
    criteria: [{id: idea, name: Main idea}, {id: form, name: Form}]
    levels: [{id: beginning, name: Beginning}, {id: proficient, name: Proficient}]
achievements:
  - key: writing
    name: Writing
    description: Writes so that others want to read.
    criteria: {narrative: Every criterion that applies at Proficient.}
    rubric: writing
    award: {conditions: [{type: criteria, level: proficient}]}
    earned: per_assessment
    suspendable: true
  - key: speaking
    name: Speaking
    description: Speaks so that others want to listen.
    criteria: {narrative: Every criterion that applies at Proficient.}
    rubric: writing
    award: {conditions: [{type: criteria, level: proficient}]}
    release_at: 2999-01-01T00:00:00Z
"""

MAPPING = """
source: gradebook
source_id: {column: id}
revision: {column: revision, default: 1}
lookups:
  student: {file: students.csv, by: {number: {column: student}}}
learner: {identifiers: [{type: emailAddress, value: {lookup: student, column: email}}]}
achievement: {column: skill}
ratings:
  - {criterion: idea, level: {column: idea}}
  - {criterion: form, level: {column: form}}
assessor: {kind: {constant: faculty}}
assessed_at: {column: day}
"""

STUDENTS = "number,email\n1,ada@example.edu\n2,ben@example.edu\n3,cem@example.edu\n"

RESULTS = """id,revision,student,skill,idea,form,day
r1,1,1,writing,Proficient,Proficient,2025-03-01
r2,1,2,writing,Beginning,Proficient,2025-03-01
r3,1,3,speaking,Proficient,NA,2025-03-02
r1,1,1,writing,Proficient,Proficient,2025-03-01
r4,1,9,writing,Proficient,Proficient,2025-03-03
r5,1,2,writing,Excellent,Proficient,2025-03-03
r1,1,1,writing,Proficient,NA,2025-03-01
r6,1,3,dancing,Proficient,NA,2025-03-03
"""

COUNTS = {
    "rows": 8,
    "awarded": 1,
    "not_yet": 1,
    "pending": 1,
    "superseded": 0,
    "recorded": 0,
    "duplicates": 1,
    "rejected": 4,
}
