"""Which machines the company runs where, and what is planted among them."""

from __future__ import annotations

from jobs.demo.estate.fleet import Group, Habit

AWS_GROUPS = (
    Group("prod", "payments", "payments-api", "m6i.4xlarge", 5),
    Group("prod", "payments", "payments-proxy", "m6i.large", 2, Habit.PROXY),
    Group("prod", "checkout", "checkout-web", "c6i.4xlarge", 6),
    Group("prod", "search", "search-index", "r6i.4xlarge", 6, disk=512),
    Group("prod", "search", "search-cache", "r5.2xlarge", 4),
    Group("prod", "mobile", "mobile-bff", "m6i.2xlarge", 3, launched=330),
    Group("prod", "platform", "observability", "m6i.4xlarge", 3, disk=512),
    Group("prod", "catalog", "catalog-sync", "m6i.2xlarge", 4, launched=215),
    Group("prod", "catalog", "image-resizer", "c6i.2xlarge", 2, Habit.PEAKY, launched=260),
    Group("data", "data", "spark-worker", "r6i.4xlarge", 5, Habit.BATCH, disk=512),
    Group("data", "data", "airflow", "m6i.2xlarge", 2),
    Group("data", "ml", "feature-store", "r6i.2xlarge", 3, launched=150),
    Group("data", "ml", "training", "g5.2xlarge", 3),
    Group("staging", "checkout", "checkout-staging", "m6i.xlarge", 2),
    Group("staging", "payments", "payments-staging", "m6i.xlarge", 2),
    Group("sandbox", "platform", "ci-runner", "c6i.4xlarge", 4, Habit.OFFICE),
    Group("sandbox", "mobile", "device-farm", "t3.large", 3),
    # Planted: nobody uses these.
    Group("prod", "catalog", "catalog-v1", "m5.2xlarge", 2, Habit.IDLE),
    Group("staging", "search", "relevance-poc", "m5.4xlarge", 1, Habit.IDLE, launched=120),
    Group("data", "data", "hadoop-edge", "m5.xlarge", 2, Habit.IDLE),
    Group("prod", "payments", "fraud-rules", "m6i.4xlarge", 2, Habit.OVERSIZED),
    Group("prod", "checkout", "cart-sessions", "r6i.4xlarge", 1, Habit.OVERSIZED, launched=200),
    Group("sandbox", "mobile", "crash-reports", "m6i.2xlarge", 1, Habit.OVERSIZED),
    # A look-alike: idle, but too young to tell.
    Group("sandbox", "ml", "notebook-trial", "m5.xlarge", 1, Habit.FRESH, launched=9),
)
AWS_LOST_DISKS = (
    ("prod", "catalog", 500, 160),
    ("prod", "search", 1000, 95),
    ("data", "data", 2000, 240),
    ("staging", "checkout", 200, 40),
    ("sandbox", "platform", 300, 12),
    ("sandbox", "mobile", 100, 3),  # too young to tell
)
AWS_LOST_ADDRESSES = (("prod", 200), ("staging", 90), ("sandbox", 30))

AZURE_GROUPS = (
    Group("prod", "checkout", "eu-storefront", "Standard_D16s_v5", 4),
    Group("prod", "payments", "eu-payments", "Standard_D8s_v5", 4),
    Group("prod", "catalog", "eu-catalog", "Standard_E8s_v5", 4, disk=512),
    Group("prod", "platform", "eu-ingress", "Standard_D2s_v5", 2, Habit.PROXY),
    Group("prod", "data", "eu-etl", "Standard_E8s_v5", 4, Habit.BATCH, disk=256),
    Group("prod", "payments", "claims-batch", "Standard_F8s_v2", 5, launched=35),
    Group("dev", "platform", "eu-build", "Standard_F8s_v2", 3, Habit.OFFICE),
    Group("dev", "checkout", "eu-storefront-test", "Standard_D4s_v5", 2),
    Group("prod", "catalog", "eu-pim-old", "Standard_E4s_v5", 2, Habit.IDLE),
    Group("dev", "search", "eu-solr-test", "Standard_D8s_v5", 1, Habit.IDLE, launched=180),
    Group("prod", "mobile", "eu-push", "Standard_D8s_v5", 2, Habit.OVERSIZED),
    Group("dev", "data", "eu-trial", "Standard_D4s_v5", 1, Habit.FRESH, launched=6),
)
AZURE_LOST_DISKS = (
    ("prod", "catalog", 1024, 130),
    ("prod", "data", 512, 60),
    ("dev", "search", 256, 21),
    ("dev", "checkout", 128, 2),  # too young to tell
)
AZURE_LOST_ADDRESSES = (("prod", 110), ("dev", 45))

GCP_GROUPS = (
    Group("analytics", "data", "dataflow-agent", "n2-standard-8", 4),
    Group("analytics", "data", "looker", "n2-highmem-8", 2),
    Group("analytics", "data", "kafka-bridge", "n2-standard-2", 2, Habit.PROXY),
    Group("ml", "ml", "ranker", "n2-standard-16", 4, disk=256),
    Group("ml", "ml", "embeddings", "n2-standard-8", 3, Habit.BATCH, launched=190),
    Group("ml", "search", "suggest", "n2-standard-4", 3),
    Group("dev", "checkout", "web-preview", "e2-standard-4", 3),
    Group("dev", "platform", "load-test", "e2-standard-8", 2, Habit.OFFICE),
    Group("ml", "ml", "labeling", "n2-standard-8", 1, Habit.IDLE),
    Group("dev", "mobile", "emulators-old", "e2-standard-8", 2, Habit.IDLE),
    Group("analytics", "data", "metabase", "n2-standard-8", 1, Habit.OVERSIZED),
    Group("ml", "search", "suggest-admin", "n2-standard-4", 1, Habit.OVERSIZED, launched=140),
)
GCP_LOST_DISKS = (
    ("analytics", "data", 1000, 75),
    ("ml", "ml", 500, 33),
    ("dev", "mobile", 200, 5),  # too young to tell
)
GCP_LOST_ADDRESSES = (("analytics", 150), ("dev", 28))
