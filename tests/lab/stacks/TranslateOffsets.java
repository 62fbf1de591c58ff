import java.io.FileReader;
import java.io.Reader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.mirror.RemoteClusterUtils;

/**
 * Prints what Kafka itself translates: arguments are a file of properties and the seconds to wait, then pairs of a
 * source's alias and a group.
 *
 * <p>For each pair: one line {@code alias group} with how it ended, then a line for each partition; cells are parted by
 * tabs.
 */
public final class TranslateOffsets {
    public static void main(String[] arguments) throws Exception {
        Properties read = new Properties();
        try (Reader file = new FileReader(arguments[0])) {
            read.load(file);
        }
        Map<String, Object> properties = new HashMap<>();
        read.forEach((key, value) -> properties.put(key.toString(), value));
        Duration timeout = Duration.ofSeconds(Long.parseLong(arguments[1]));
        for (int at = 2; at < arguments.length; at += 2) {
            print(properties, arguments[at], arguments[at + 1], timeout);
        }
    }

    private static void print(Map<String, Object> properties, String alias, String group, Duration timeout) {
        Map<TopicPartition, OffsetAndMetadata> offsets;
        try {
            offsets = RemoteClusterUtils.translateOffsets(properties, alias, group, timeout);
        } catch (Exception error) {
            System.out.println(String.join("\t", "pair", alias, group, error.getClass().getSimpleName()));
            return;
        }
        System.out.println(String.join("\t", "pair", alias, group, "translated"));
        offsets.forEach((where, what) -> System.out.println(String.join("\t", "offset", where.topic(),
            Integer.toString(where.partition()), Long.toString(what.offset()), what.metadata())));
    }
}
