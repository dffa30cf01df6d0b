"""Does a client survive the real world? Cases as data, a server that misbehaves, judges of what the client did.

`conform(client, provider=...)` runs cases and gives a Matrix; `assert_conforms` is its pytest form. `case` is
the form of a case, `judges` what can be judged, `conductor` the run, `result` what reports are made of.
It may import the contract, the control client and the rest of the kit.
"""
