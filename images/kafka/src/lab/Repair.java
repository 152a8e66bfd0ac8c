package lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/**
 * Brings ZooKeeper's knowledge and the broker's volume together again after one of them was lost or the broker was
 * killed. What ZooKeeper knows stays; what only the volume knows is written to ZooKeeper, under the same names.
 */
final class Repair {
  private static final Pattern PARTITION = Pattern.compile("(.+)-(\\d+)");
  private static final Pattern TOPIC_ID = Pattern.compile("(?m)^topic_id: (\\S+)$");
  private static final Pattern CLUSTER_ID = Pattern.compile("(?m)^cluster\\.id=(\\S+)$");
  /** Kafka's own settings for its inner topics: without them they would be deleted by age instead of compacted. */
  private static final Map<String, Map<String, String>> INNER_TOPICS = Map.of(
      "__consumer_offsets",
      Map.of("cleanup.policy", "compact", "compression.type", "producer", "segment.bytes", "104857600"),
      "__transaction_state",
      Map.of("cleanup.policy", "compact", "compression.type", "uncompressed", "segment.bytes", "104857600",
          "min.insync.replicas", "1", "unclean.leader.election.enable", "false"));

  private final ObjectMapper json = new ObjectMapper();
  private final ZooKeeper zk;
  private final int brokerId;
  private final Path log;

  Repair(ZooKeeper zk, int brokerId, Path log) {
    this.zk = zk;
    this.brokerId = brokerId;
    this.log = log;
  }

  void run() throws IOException, KeeperException, InterruptedException {
    Files.createDirectories(log);
    dropStaleRegistration();
    if (Files.exists(log.resolve("meta.properties"))) {
      agreeOnClusterId();
      agreeOnTopics();
    } else if (read("/cluster/id") != null) {
      say("the volume is new: topics that ZooKeeper knows begin empty");
    }
  }

  /** A killed broker's registration lives until its session ends; Kafka would refuse to start beside it. */
  private void dropStaleRegistration() throws IOException, KeeperException, InterruptedException {
    String registration = "/brokers/ids/" + brokerId;
    JsonNode controller = read("/controller");
    boolean controls = controller != null && controller.path("brokerid").asInt(-1) == brokerId;
    if (!controls && read(registration) == null) {
      return;
    }
    try (FileChannel file = FileChannel.open(log.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      if (lock == null) {
        throw new IOException("another broker is using " + log);
      }
      say("dropping the registration of this broker's last run, which did not end cleanly");
      delete(registration);
      if (controls) {
        delete("/controller");
      }
    }
  }

  private void agreeOnClusterId() throws IOException, KeeperException, InterruptedException {
    Path file = log.resolve("meta.properties");
    String properties = Files.readString(file);
    Matcher matcher = CLUSTER_ID.matcher(properties);
    if (!matcher.find()) {
      return;
    }
    String ours = matcher.group(1);
    JsonNode known = read("/cluster/id");
    String theirs = known == null ? null : known.path("id").asText();
    if (ours.equals(theirs)) {
      return;
    }
    skipUsedProducerIds();
    if (theirs == null) {
      say("ZooKeeper was emptied: it gets this volume's cluster id " + ours);
      create("/cluster/id", json.createObjectNode().put("version", "1").put("id", ours));
    } else {
      say("ZooKeeper's cluster id is " + theirs + ", not this volume's " + ours + ": the volume takes it over");
      Files.writeString(file, matcher.replaceFirst("cluster.id=" + theirs));
    }
  }

  /** A producer id handed out twice would lose events: the log takes a new producer's for an old one's repeats. */
  private void skipUsedProducerIds() throws IOException, KeeperException, InterruptedException {
    // The clock is ahead of every id given so far: they are given in blocks of 1000, far fewer than one a second.
    long start = Instant.now().getEpochSecond() * 1000;
    create("/latest_producer_id_block", json.createObjectNode().put("version", 1).put("broker", brokerId)
        .put("block_start", Long.toString(start)).put("block_end", Long.toString(start + 999)));
  }

  private void agreeOnTopics() throws IOException, KeeperException, InterruptedException {
    for (Map.Entry<String, SortedMap<Integer, Path>> entry : partitions().entrySet()) {
      String topic = entry.getKey();
      JsonNode known = read("/brokers/topics/" + topic);
      if (known == null) {
        addTopic(topic, entry.getValue());
        known = read("/brokers/topics/" + topic);
      }
      String id = known.path("topic_id").asText();
      for (Path partition : entry.getValue().values()) {
        String ours = topicId(partition);
        if (ours != null && !ours.equals(id)) {
          say(partition.getFileName() + " takes over ZooKeeper's topic id " + id);
          Files.writeString(partition.resolve("partition.metadata"), "version: 0\ntopic_id: " + id);
        }
      }
    }
  }

  /** The partitions in the volume by topic. Folders of deleted and moved ones have a suffix and are left out. */
  private SortedMap<String, SortedMap<Integer, Path>> partitions() throws IOException {
    SortedMap<String, SortedMap<Integer, Path>> topics = new TreeMap<>();
    try (Stream<Path> folders = Files.list(log)) {
      folders.filter(Files::isDirectory).forEach(folder -> {
        Matcher name = PARTITION.matcher(folder.getFileName().toString());
        if (name.matches()) {
          topics.computeIfAbsent(name.group(1), topic -> new TreeMap<>()).put(Integer.valueOf(name.group(2)), folder);
        }
      });
    }
    return topics;
  }

  private void addTopic(String topic, SortedMap<Integer, Path> partitions)
      throws IOException, KeeperException, InterruptedException {
    int count = partitions.lastKey() + 1;
    say("ZooKeeper does not know topic " + topic
        + ": it gets it from the volume, with default settings and partitions: " + count);
    ObjectNode settings = json.createObjectNode().put("version", 1);
    settings.set("config", json.valueToTree(INNER_TOPICS.getOrDefault(topic, Map.of())));
    create("/config/topics/" + topic, settings);
    ObjectNode assignment = json.createObjectNode();
    for (int partition = 0; partition < count; partition++) {
      assignment.set(Integer.toString(partition), json.valueToTree(List.of(brokerId)));
    }
    String id = partitions.values().stream().map(Repair::topicId).filter(known -> known != null).findFirst()
        .orElseGet(() -> Uuid.randomUuid().toString());
    for (Map.Entry<Integer, Path> partition : partitions.entrySet()) {
      // Clients refuse a leader epoch older than the one they know, so the count goes on from the log's.
      ObjectNode state = json.createObjectNode().put("version", 1).put("controller_epoch", 0)
          .put("leader", brokerId).put("leader_epoch", leaderEpoch(partition.getValue()));
      state.set("isr", json.valueToTree(List.of(brokerId)));
      create("/brokers/topics/" + topic + "/partitions/" + partition.getKey() + "/state", state);
    }
    // last, so that a start cut off in the middle is done again
    ObjectNode node = json.createObjectNode().put("version", 3).put("topic_id", id);
    node.set("partitions", assignment);
    node.set("adding_replicas", json.createObjectNode());
    node.set("removing_replicas", json.createObjectNode());
    create("/brokers/topics/" + topic, node);
  }

  /** The topic id in a partition's folder, or null. */
  private static String topicId(Path partition) {
    Path file = partition.resolve("partition.metadata");
    if (!Files.exists(file)) {
      return null;
    }
    try {
      Matcher id = TOPIC_ID.matcher(Files.readString(file));
      return id.find() ? id.group(1) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int leaderEpoch(Path partition) throws IOException {
    Path file = partition.resolve("leader-epoch-checkpoint");
    if (!Files.exists(file)) {
      return 0;
    }
    // a version, the number of lines, then lines of epoch and offset
    return Files.readAllLines(file).stream().skip(2).mapToInt(line -> Integer.parseInt(line.split(" ")[0])).max()
        .orElse(0);
  }

  /** The value of a node, or null where there is none. */
  private JsonNode read(String path) throws IOException, KeeperException, InterruptedException {
    try {
      byte[] value = zk.getData(path, false, null);
      return value == null ? null : json.readTree(value);
    } catch (KeeperException.NoNodeException e) {
      return null;
    }
  }

  private void create(String path, JsonNode value) throws IOException, KeeperException, InterruptedException {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      createNode(path.substring(0, slash), null);
    }
    createNode(path, json.writeValueAsBytes(value));
  }

  private void createNode(String path, byte[] value) throws KeeperException, InterruptedException {
    try {
      zk.create(path, value, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    } catch (KeeperException.NodeExistsException e) {
      if (value != null) {
        zk.setData(path, value, -1);
      }
    }
  }

  private void delete(String path) throws KeeperException, InterruptedException {
    try {
      zk.delete(path, -1);
    } catch (KeeperException.NoNodeException e) {
      // its session ended in between
    }
  }

  static void say(String what) {
    System.out.println("start-kafka: " + what);
  }
}
