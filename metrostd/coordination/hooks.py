"""What coordination adds below: findings on its desk wait for the pledge of whoever owes one."""

from campaigns.pledges import keep_lists_under_pledge

keep_lists_under_pledge("coordination:index", "coordination:read")
