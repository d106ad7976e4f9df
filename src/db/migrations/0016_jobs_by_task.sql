-- Workers that take jobs of one kind only, such as those for clicks, would read all others that are due to find theirs.
-- The table is the queue's own: where a release of the queue makes it anew, this index may go without harm but to speed.
create index jobs_by_task on graphile_worker._private_jobs (task_id, priority, run_at) where is_available;
