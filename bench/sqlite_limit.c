/* The writes of order.sql on SQLite without anything around them.
 *
 * sqlite_limit DATABASE SCRIPT SECONDS NAME=VALUE...
 * Reads pgbench's syntax as far as the script uses it: lines of \set are replaced by
 * `serial`, `variant` and `client_id` kept here, and \gset keeps a row's columns as
 * variables. Prints transactions of the script and seconds.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 64, SCRIPT = 65536 };

static sqlite3 *db;
static sqlite3_stmt *steps[MOST];
static int step_count, name_count;
static struct { char name[32], value[128]; } variables[MOST];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, db ? sqlite3_errmsg(db) : "cannot go on");
  exit(1);
}

static char *value_of(const char *name) {
  for (int i = 0; i < name_count; i++)
    if (!strcmp(variables[i].name, name)) return variables[i].value;
  if (name_count == MOST) die("too many names");
  snprintf(variables[name_count].name, sizeof variables[0].name, "%s", name);
  return variables[name_count++].value;
}

static void set(const char *name, const char *value) {
  snprintf(value_of(name), sizeof variables[0].value, "%s", value);
}

static void set_number(const char *name, long value) {
  char text[32];
  snprintf(text, sizeof text, "%ld", value);
  set(name, text);
}

/* Cut the script into statements and compile them. */
static void prepare(const char *path) {
  static char script[SCRIPT], statement[SCRIPT];
  FILE *file = fopen(path, "r");
  if (!file) die(path);
  statement[0] = 0;
  while (fgets(script, sizeof script, file)) {
    if (!strncmp(script, "--", 2) || !strncmp(script, "\\set", 4)) continue;
    char *gset = strstr(script, "\\gset"), *end = script + strcspn(script, "\n");
    if (gset) strcpy(gset, ";\n");
    strcat(statement, script);
    if (!gset && end[-1] != ';') continue;
    const char *text = strcmp(statement, "BEGIN;\n") ? statement : "BEGIN IMMEDIATE;";
    if (step_count == MOST) die("too many statements");
    if (sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &steps[step_count++],
                           NULL))
      die(text);
    statement[0] = 0;
  }
  fclose(file);
}

/* Numbers as integers, everything else as text. */
static void bind(sqlite3_stmt *step) {
  for (int i = 1; i <= sqlite3_bind_parameter_count(step); i++) {
    char *value = value_of(sqlite3_bind_parameter_name(step, i) + 1), *end;
    long number = strtol(value, &end, 10);
    if (*value && !*end)
      sqlite3_bind_int64(step, i, number);
    else
      sqlite3_bind_text(step, i, value, -1, SQLITE_STATIC);
  }
}

static void run(sqlite3_stmt *step) {
  bind(step);
  int result = sqlite3_step(step);
  for (int i = 0; result == SQLITE_ROW && i < sqlite3_column_count(step); i++)
    set(sqlite3_column_name(step, i), (const char *)sqlite3_column_text(step, i));
  while (result == SQLITE_ROW) result = sqlite3_step(step);
  if (result != SQLITE_DONE) die(sqlite3_sql(step));
  sqlite3_reset(step);
}

int main(int count, char **words) {
  if (count < 4) die("usage: sqlite_limit DATABASE SCRIPT SECONDS NAME=VALUE...");
  for (int i = 4; i < count; i++) {
    char *value = strchr(words[i], '=');
    if (!value) die(words[i]);
    *value = 0;
    set(words[i], value + 1);
  }
  if (sqlite3_open(words[1], &db)) die(words[1]);
  if (sqlite3_exec(db,
                   "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                   "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
                   "PRAGMA busy_timeout=10000; PRAGMA mmap_size=268435456;"
                   "PRAGMA cache_size=-16000",
                   NULL, NULL, NULL))
    die("pragma");
  prepare(words[2]);
  set("client_id", "0");
  long serial = 0, variants = atol(value_of("variants"));
  double began = now(), deadline = began + atof(words[3]);
  do {
    set_number("serial", ++serial);
    set_number("variant", serial * 7919 % variants + 1);
    for (int i = 0; i < step_count; i++) run(steps[i]);
  } while (now() < deadline);
  printf("%ld %.6f\n", serial, now() - began);
  return 0;
}
