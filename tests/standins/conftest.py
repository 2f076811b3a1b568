from tests.standins.fixtures import certificates, hook, launch, merchant

__all__ = ["certificates", "hook", "launch", "merchant"]
