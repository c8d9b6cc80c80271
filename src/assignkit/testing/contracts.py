"""The published contracts: inherit one, say how to make yours, and pytest runs it.

```python
class TestOurCustomers(RepositoryContract):
    def make_repository(self): return OurCustomers(connect(":memory:"))
    def make_record(self, id, **fields): return Customer(id=id, **fields)

class TestOurStore(StoreContract):
    def make_store(self): return OurStore()
```

What a store cannot do is marked at the overridden test, as a strict expected failure with its reason.
"""

from __future__ import annotations

from assignkit.testing.assignments import AssignmentContract
from assignkit.testing.handing_out import HandingOutContract
from assignkit.testing.ledgers import LedgerContract
from assignkit.testing.placements import PlacementContract
from assignkit.testing.publications import PublicationContract
from assignkit.testing.records import RepositoryContract
from assignkit.testing.units import UnitContract

__all__ = ["RepositoryContract", "StoreContract"]


class StoreContract(
    PlacementContract, AssignmentContract, LedgerContract, PublicationContract, HandingOutContract, UnitContract
):
    """Everything that a store promises, beside the `RepositoryContract` of each of its nouns.

    Override `make_store()` to return a new, empty store; or the fixture `store`, if making one needs other fixtures.
    """
