"""List prices of the machines and disks of the estate, in USD.

AWS us-east-1 on demand: aws/karpenter-provider-aws of 2026-07-20. Azure westeurope, pay as you go:
Azure/karpenter-provider-azure of 2026-06-18. Google us-central1: Cyclenerd/google-cloud-pricing-cost-calculator of
2026-07-30 (all Apache-2.0), split into core and memory by https://cloud.google.com/compute/vm-instance-pricing.
Disks and addresses: the providers' public price pages, 2026. Commitment rates are fictional, in the range of real ones.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A machine size and its price an hour."""

    cores: int
    memory: int
    hour: str


AWS_SIZES = {
    "m5.xlarge": Size(4, 16, "0.192"),
    "m5.2xlarge": Size(8, 32, "0.384"),
    "m5.4xlarge": Size(16, 64, "0.768"),
    "m6i.large": Size(2, 8, "0.096"),
    "m6i.xlarge": Size(4, 16, "0.192"),
    "m6i.2xlarge": Size(8, 32, "0.384"),
    "m6i.4xlarge": Size(16, 64, "0.768"),
    "c6i.2xlarge": Size(8, 16, "0.34"),
    "c6i.4xlarge": Size(16, 32, "0.68"),
    "r5.2xlarge": Size(8, 64, "0.504"),
    "r6i.2xlarge": Size(8, 64, "0.504"),
    "r6i.4xlarge": Size(16, 128, "1.008"),
    "g5.2xlarge": Size(8, 32, "1.212"),
    "t3.large": Size(2, 8, "0.0832"),
}
AZURE_SIZES = {
    "Standard_D2s_v5": Size(2, 8, "0.115"),
    "Standard_D4s_v5": Size(4, 16, "0.23"),
    "Standard_D8s_v5": Size(8, 32, "0.46"),
    "Standard_D16s_v5": Size(16, 64, "0.92"),
    "Standard_E4s_v5": Size(4, 32, "0.304"),
    "Standard_E8s_v5": Size(8, 64, "0.608"),
    "Standard_E16s_v5": Size(16, 128, "1.216"),
    "Standard_F8s_v2": Size(8, 16, "0.388"),
}
GCP_SIZES = {
    "n2-standard-2": Size(2, 8, ""),
    "n2-standard-4": Size(4, 16, ""),
    "n2-standard-8": Size(8, 32, ""),
    "n2-standard-16": Size(16, 64, ""),
    "n2-highmem-8": Size(8, 64, ""),
    "e2-standard-4": Size(4, 16, ""),
    "e2-standard-8": Size(8, 32, ""),
}
GCP_CORE = {"n2": "0.031611", "e2": "0.02181159"}
GCP_MEMORY = {"n2": "0.004237", "e2": "0.00292353"}

GP3_GIB_MONTH = "0.08"
AWS_ADDRESS_HOUR = "0.005"
AZURE_ADDRESS_HOUR = "0.005"
GCP_ADDRESS_HOUR = "0.01"
PD_BALANCED_GIB_MONTH = "0.1"
AZURE_DISKS = {128: ("P10", "19.71"), 256: ("P15", "38.01"), 512: ("P20", "73.22"), 1024: ("P30", "135.17")}
"""Premium SSD by size in GiB: its name and its price a month."""
