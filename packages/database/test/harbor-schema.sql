-- A PostgreSQL database as a Harbor leaves it, cut down to what concerns logins, projects and robots.

create table schema_migrations (version bigint primary key, dirty boolean not null);
insert into schema_migrations values (170, false);

create function update_update_time_at_column() returns trigger language plpgsql as $$
begin
  new.update_time = now();
  return new;
end;
$$;

create table harbor_user (
  user_id serial primary key,
  username varchar(255) unique,
  email varchar(255) unique,
  password varchar(40) not null,
  password_version varchar(16) default 'sha256',
  realname varchar(255) not null,
  comment varchar(30),
  deleted boolean default false not null,
  reset_uuid varchar(40) default null,
  salt varchar(40) default null,
  sysadmin_flag boolean default false not null,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp
);
create trigger harbor_user_update_time before update on harbor_user
  for each row execute procedure update_update_time_at_column();

create table oidc_user (
  id serial primary key,
  user_id int not null references harbor_user (user_id),
  secret varchar(255) not null,
  subiss varchar(255) not null unique,
  token text,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp
);

create table user_group (
  id serial primary key,
  group_name varchar(255) not null unique,
  group_type smallint default 0,
  ldap_group_dn varchar(512) not null,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp
);

create table project (
  project_id serial primary key,
  owner_id int not null references harbor_user (user_id),
  name varchar(255) not null unique,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp,
  deleted boolean default false not null,
  registry_id int
);
create trigger project_update_time before update on project
  for each row execute procedure update_update_time_at_column();

create table project_metadata (
  id serial primary key,
  project_id int not null references project (project_id),
  name varchar(255) not null,
  value varchar(255),
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp,
  unique (project_id, name)
);

create table project_member (
  id serial primary key,
  project_id int not null,
  entity_id int not null,
  entity_type char(1) not null,
  role int not null,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp,
  unique (project_id, entity_id, entity_type)
);

create table role (
  role_id serial primary key,
  role_mask int default 0 not null,
  role_code varchar(20),
  name varchar(20)
);

create table robot (
  id serial primary key,
  name varchar(255),
  description varchar(1024),
  secret varchar(2048),
  salt varchar(64),
  duration int,
  project_id int,
  expiresat bigint,
  disabled boolean default false not null,
  visible boolean default true not null,
  creation_time timestamp default current_timestamp,
  update_time timestamp default current_timestamp,
  unique (name, project_id)
);

create table properties (
  id serial primary key,
  k varchar(64) not null unique,
  v text not null
);

insert into role (role_code, name) values
  ('MDRWS', 'projectAdmin'), ('RWS', 'developer'), ('RS', 'guest'), ('DRWS', 'maintainer'), ('LRS', 'limitedGuest');

-- 1 is the super user, 2 a deleted seed. Passwords below: PBKDF2, 16 bytes; those of 3 and 6 are of the word `content`.
insert into harbor_user (username, email, password, password_version, realname, comment, deleted, salt, sysadmin_flag) values
  ('admin', 'admin@example.com', '83d3d6f3e7cacb040423adf7ced63d21', 'sha256', 'system admin', 'admin user', false, 'salt', true),
  ('anonymous', 'anonymous@example.com', '', null, 'anonymous user', 'anonymous user', true, null, false),
  ('jane', 'jane@example.com', '83d3d6f3e7cacb040423adf7ced63d21', 'sha256', 'Jane', '', false, 'salt', false),
  ('Jane', null, 'dc79e76c88415c97eb089d9cc80b4ab0', 'sha1', 'Another Jane', null, false, 'salt', false),
  ('lena', 'lena@example.com', '3c0b4a0ed3cd8bf5b0c4c1c0a6f0fc3e', 'pbkdf2_sha256', 'Lena of LDAP', 'from LDAP.', false, 'saltsalt', false),
  ('olaf', 'olaf@example.com', 'd15f6db3557c3e526ef15398ab2cefe8', 'pbkdf2_sha256', 'Olaf of OIDC', 'Onboarded via OIDC provider', false, 'salt', false);
insert into oidc_user (user_id, secret, subiss) values (6, '<enc-v1>irrelevant', 'olafs-subjecthttps://op.example.com');

insert into project (owner_id, name, creation_time) values
  (1, 'library', '2024-03-31 02:30:00'), (3, 'team', '2024-10-27 02:30:00.123456');
insert into project (owner_id, name, deleted) values (3, 'old#3', true);
insert into project_metadata (project_id, name, value) values (1, 'public', 'True'), (2, 'public', 'false');
insert into user_group (group_name, group_type, ldap_group_dn) values ('devs', 1, 'cn=devs,dc=example,dc=com');
insert into project_member (project_id, entity_id, entity_type, role) values
  (1, 1, 'u', 1), (2, 3, 'u', 1), (2, 1, 'g', 2), (3, 3, 'u', 1);
