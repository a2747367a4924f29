/* Readers of a room's events, and how late each of them hears each message.
 *
 * sse_readers PORT PATH READERS MESSAGES SECONDS
 * Opens READERS connections to PATH and prints "ready" once all of them have been
 * answered with 200. Messages hold the moment they were sent as "T:<microseconds>;".
 * Ends when every reader has heard MESSAGES of them and prints the 50th and 99th
 * percentile and the maximum in ms; after SECONDS, or if one is hung up on, it ends with
 * exit code 1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 100, BUFFER = 65536, EVENTS = 1024 };

typedef struct {
  int fd, answered, letters;
  unsigned long long stamp;
} reader;

static const unsigned long long OLDEST = 1000000000000000ULL;
static double *delays;
static long heard;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void die(const char *why, const char *detail) {
  fprintf(stderr, "%s: %.300s\n", why, detail);
  exit(1);
}

static void open_reader(reader *one, int port, const char *path, int poll) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port)};
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  char request[2048];
  int length = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
  one->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(one->fd, (struct sockaddr *)&there, sizeof there)) die("connect", path);
  if (write(one->fd, request, length) != length) die("write", path);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  epoll_ctl(poll, EPOLL_CTL_ADD, one->fd, &event);
}

/* Letter by letter, because a stamp may end one read and begin the next. */
static void find_stamps(reader *one, const char *data, int length, double at, long most) {
  for (int i = 0; i < length; i++) {
    char letter = data[i];
    if (one->letters == 0) {
      one->letters = letter == 'T';
    } else if (one->letters == 1) {
      one->letters = letter == ':' ? 2 : letter == 'T';
      one->stamp = 0;
    } else if (letter >= '0' && letter <= '9') {
      one->stamp = one->stamp * 10 + letter - '0';
    } else {
      int is_stamp = letter == ';' && one->stamp > OLDEST && heard < most;
      if (is_stamp) delays[heard++] = (at - one->stamp) / 1e3;
      one->letters = 0;
    }
  }
}

static int hear(reader *one, char *buffer, long most) {
  int length = read(one->fd, buffer, BUFFER - 1);
  if (length <= 0) die("the server hung up", "");
  buffer[length] = 0;
  find_stamps(one, buffer, length, now(), most);
  if (one->answered) return 0;
  if (!strstr(buffer, " 200 ")) die("not let in", buffer);
  return one->answered = 1;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  if (count != 6) die("usage", "sse_readers PORT PATH READERS MESSAGES SECONDS");
  int port = atoi(words[1]), readers = atoi(words[3]), opened = 0, answered = 0;
  long most = readers * atol(words[4]);
  double deadline = now() + atof(words[5]) * 1e6;
  char *buffer = malloc(BUFFER);
  reader *all = calloc(readers, sizeof *all);
  delays = malloc((most + 1) * sizeof *delays);
  int poll = epoll_create1(0);
  struct epoll_event events[EVENTS];
  while (heard < most) {
    while (opened < readers && opened - answered < AT_ONCE)
      open_reader(&all[opened++], port, words[2], poll);
    int ready = epoll_wait(poll, events, EVENTS, 100), before = answered;
    for (int i = 0; i < ready; i++) answered += hear(events[i].data.ptr, buffer, most);
    if (answered == readers && before < readers) puts("ready"), fflush(stdout);
    if (now() > deadline) die("too late", answered < readers ? "opening" : "listening");
  }
  qsort(delays, most, sizeof *delays, ascending);
  printf("%.3f %.3f %.3f\n", delays[most / 2], delays[most * 99 / 100],
         delays[most - 1]);
  return 0;
}
