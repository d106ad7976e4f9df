-- Effects that no run and no batch has looked at: a process decides many of them at once where they need no call to another
-- system. What a batch could not decide, and what ran once, is left to runs of its own.
alter table effects add column undecided boolean not null default true;
create index effects_undecided on effects (created_at) where undecided and status = 'pending';
